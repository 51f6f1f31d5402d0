"""What the command says of plans, runs and differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ops.replay.plan import Plan
from ops.replay.run import Ended
from ops.replay.store import Differing


def plan_json(plan: Plan, rate: float | None, *, live: bool) -> dict[str, Any]:
    """The plan for --json."""
    return {
        "plan": plan.name, "executed": False, "into": "the living topic" if live else "shadow topics and tables",
        "messages": plan.messages, "of_leaders": plan.of_leaders, "decisions": plan.decisions,
        "seconds": round(plan.seconds(rate), 1), **plan.manifest(),
    }  # fmt: skip


def plan_text(plan: Plan, rate: float | None, *, live: bool) -> str:
    """The plan for people: a line per partition, counts, the estimate."""
    into = f"the living {plan.topic}" if live else "topics and tables of its own (shadow.…)"
    lines = [
        f"plan {plan.name}: {plan.messages:,} messages of {plan.topic}, {plan.of_leaders:,} chosen, "
        f"{plan.decisions:,} copy orders, into {into}",
        *(
            f"  partition {part}: offsets {span.begin:,} to {span.end:,} ({span.end - span.begin:,} messages)"
            for part, span in sorted(plan.spans.items())
        ),
        f"code {plan.code}; about {plan.seconds(rate):,.0f} s; can place 0 orders",
        "nothing was done; --execute does it",
    ]
    return "\n".join(lines)


def differing_lines(differing: Sequence[Differing]) -> list[str]:
    """A line for each pair of reasons, with the first names."""
    return [
        f"  {each.then} → {each.now}: {each.decisions:,} ({', '.join(each.names[:5])}"
        f"{' …' if each.decisions > 5 else ''})"
        for each in differing
    ]


def ended_text(found: Ended) -> str:
    """How far a run is and what differs."""
    count = sum(each.decisions for each in found.differing)
    lines = [
        f"run {found.run} is {found.state}: {found.done:,} of {found.total:,} messages, {found.decisions:,} decisions "
        f"made again, {found.not_made:,} that never were made; {count:,} differ",
        *differing_lines(found.differing),
    ]
    if found.messages_differ:
        lines += ["messages of classify that differ from then:", *differing_lines(found.messages_differ)]
    lines += [f"  {name} {digest}" for name, digest in found.digests.items()]
    if found.state == "paused":
        lines.append(f"polycool replay resume {found.run} --execute goes on")
    return "\n".join(lines)


def runs_text(runs: Sequence[dict[str, Any]]) -> str:
    """A line for each run."""
    lines = [
        f"{run['run']:<12} {run['kind']:<7} {run['state']:<8} {run['done']:>9,} of {run['total']:>9,} messages, "
        f"{run['decisions']:,} decisions, {run['differing']:,} differ · {run['code']}"
        for run in runs
    ]
    return "\n".join(lines) or "there is no run"

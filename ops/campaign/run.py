"""One campaign from its start to its verdict."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from ops.audit.run import run_audit
from ops.campaign.asking import asked
from ops.campaign.doors import open_doors
from ops.campaign.errands import Errands
from ops.campaign.feeder import Feeder
from ops.campaign.lasting import Lasting
from ops.campaign.misbehaviour import Misbehaviour
from ops.campaign.outcome import Outcome
from ops.campaign.plan import PROCESSES, Plan, Victim, deliveries
from ops.campaign.settling import NotSettled, settle, until_known
from ops.campaign.stage import Stage, set_the_stage
from ops.campaign.strikes import Striker
from ops.campaign.wired import WiredProcesses
from ops.demo.faces import open_faces
from ops.stack.ports import free_port
from ops.stack.processes import Processes, State

Told = Callable[[str], None]
# Proof that an order is not at the exchange takes 45 s after the last POST, which may be that of a killed worker.
SETTLE_SECONDS: Final = 180.0


def campaign_processes(directory: Path, told: Told) -> WiredProcesses:
    """Everything on this machine, in this directory, with none of the caller's settings."""
    caller = {name: text for name, text in os.environ.items() if not name.startswith("POLYCOOL_")}
    # Ports of its own: the usual ones are for those whom somebody wants to reach.
    ports = {f"POLYCOOL_{name}_PORT": str(free_port()) for name in ("API", "PAPER")}
    return WiredProcesses(
        directory,
        fresh=True,
        caller=caller | ports,
        report=lambda name, seconds: told(f"{name} {seconds:.1f} s"),
    )


async def run_campaign(plan: Plan, processes: WiredProcesses, told: Told) -> Outcome:
    """Play, strike, wait until all is settled, judge. ``processes`` run and keep running."""
    # A broker that is killed on purpose is no news.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL + 1)
    try:
        return await _run(plan, processes, told)
    finally:
        logging.getLogger("aiokafka").setLevel(logging.NOTSET)


async def _run(plan: Plan, processes: WiredProcesses, told: Told) -> Outcome:
    outcome = Outcome(plan.seed)
    settings = processes.environment
    striker = Striker(processes, told, Lasting(processes))
    exchange = Misbehaviour(
        settings, plan.seed, plan.fault_percent, lambda: processes.programs[Victim.PAPER].pid
    )
    async with open_faces(settings) as faces, open_doors(settings) as (topic, webhook):
        stage = await set_the_stage(
            faces, seed=plan.seed, rate=plan.rate, trades=plan.trades, followers=plan.followers
        )
        feeder = Feeder(topic, webhook, frozenset(stage.script.leaders[::2]))
        outcome.fed = feeder.fed
        rest = await feeder.prepare(
            stage.script.people, deliveries(stage.script.cues, plan.seed, plan.again_percent)
        )
        told(f"{plan.trades} trades at {plan.rate:g}/s for {plan.followers} followers, seed {plan.seed}")
        errands = Errands(
            settings,
            [(made.user_id, each) for made in stage.followers for each in made.allocations.values()],
            plan.seed,
        )
        async with asyncio.TaskGroup() as tasks:
            pausing = tasks.create_task(errands.run())
            misbehaving = tasks.create_task(exchange.keep())
            watching = tasks.create_task(_watch(processes))
            striking = tasks.create_task(_strike(plan, striker))
            await feeder.play(rest)
            await striking
            pausing.cancel()
            watching.cancel()
            misbehaving.cancel()
        told(f"all delivered, {errands.done} pauses; waiting until all is settled")
        outcome.struck, outcome.restarts = striker.struck, processes.restarts
        await striker.until_all_run()
        for wire in processes.wires:
            wire.heal()
        await exchange.end()
        outcome.faults = exchange.used
        await _settle(outcome, settings)
        await _judge(outcome, stage, processes)
    return outcome


async def _strike(plan: Plan, striker: Striker) -> None:
    began = time.monotonic()
    if plan.measured:
        # Something must flow before it can stop flowing.
        await asyncio.sleep(1.0)
        await striker.strike_and_measure(plan.measured)
    await striker.strike_within(plan.strikes, plan.seconds - (time.monotonic() - began))


async def _watch(processes: Processes) -> None:
    """Raises RuntimeError for a process that does not stay up."""
    while True:
        for name in PROCESSES:
            if processes.state_of(name) is State.FAILED:
                raise RuntimeError(f"{name} does not stay up:\n{processes.programs[name].tail()}")
        await asyncio.sleep(0.5)


async def _settle(outcome: Outcome, settings: Mapping[str, str]) -> None:
    began = time.monotonic()
    try:
        outcome.unknown_seconds = await until_known(settings, SETTLE_SECONDS)
        await settle(settings, SETTLE_SECONDS)
        outcome.settled_after_seconds = round(time.monotonic() - began, 1)
    except NotSettled as left:
        outcome.findings.append(f"after {SETTLE_SECONDS:.0f} s there are still {left}")


async def _judge(outcome: Outcome, stage: Stage, processes: Processes) -> None:
    settings = processes.environment
    database = settings["POLYCOOL_DATABASE_URL"]
    answers = {row["leader"]: (row["ended"], row["copy_orders"]) for row in await asked(database, "answers")}
    for leader, allocations in stage.allocations.items():
        due = len(outcome.fed.copyable.get(leader, ())) * len(allocations)
        ended, all_of_them = answers.pop(leader, (0, 0))
        if not ended == all_of_them == due:
            outcome.findings.append(f"{leader}: {due} answers due, {ended} of {all_of_them} ended")
    outcome.findings += [f"{stranger}: answered, but nobody follows it" for stranger in answers]
    outcome.copies = await asked(database, "by_state")
    outcome.posts = (await asked(database, "posts"))[0]
    outcome.audit = await run_audit(
        database_url=database,
        kafka=settings["POLYCOOL_KAFKA"],
        rebuild=True,
        logs=sorted((processes.stack.directory / "logs").glob("*.log")),
        environment=settings,
    )
    outcome.judge()

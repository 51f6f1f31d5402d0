"""What a rebuild, or a look back, is told as: lines for people, a document for programs. No I/O."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from ops.rebuild.anew import Rebuilt
from ops.rebuild.then import Then
from schemas.base import rfc3339
from schemas.money import plain


def rebuilt_lines(made: Rebuilt) -> list[str]:
    """A line per table, the rows that differ below it."""
    lines = []
    for table in made.tables:
        mark = "✗" if table.differing else "✓"
        lines.append(f"{mark} {table.table}: {table.rows:,} rows, {table.differing:,} differ")
        lines += [f"    {name}" for name in table.named]
    lines += [f"✗ {name}" for name in made.signals_differing]
    last = "the new rows stand in the old ones' place" if made.swapped else "the tables are as they were"
    return [*lines, last]


def rebuilt_document(made: Rebuilt) -> dict[str, Any]:
    """The same for programs."""
    tables = {
        each.table: {"rows": each.rows, "differing": each.differing, "named": each.named}
        for each in made.tables
    }
    return {
        "tables": tables,
        "signals_differing": made.signals_differing,
        "equal": made.equal,
        "swapped": made.swapped,
        "executed": True,
    }


def then_lines(found: Then) -> list[str]:
    """Accounts, positions, copies under way, followings with their limits."""
    lines = [f"as of {rfc3339(found.at)}"]
    lines += [
        f"{each['account_id']} {each['venue']}: cash {each['cash_usdc']}, reserved {each['reserved_usdc']}"
        for each in found.accounts
    ]
    lines += [
        f"  position {lot['lot_id']} of {lot['allocation_id'] or 'orders by hand'}: {lot['shares']} of"
        f" {lot['token_id'][:12]}… for {lot['cost_usdc']}, realised {lot['realised_usdc']}"
        for lot in found.positions
    ]
    lines += [f"  {copy['copy_order_id']} {copy['side']} {copy['state']}" for copy in found.under_way]
    for row in found.followings:
        lines.append(
            f"{row['allocation_id']} follows {row['leader']} ({row['state']}, version {row['version']}):"
            f" at work {row['at_work_usdc']}, realised {row['realised_usdc']}"
        )
        lines += [
            f"  {limit}: {of['used']} of {of['most']}, {of['room']} left"
            for limit, of in row["limits"].items()
        ]
    return lines


def exact(value: Any) -> Any:
    """Amounts as text, times in UTC."""
    match value:
        case Decimal():
            return plain(value)
        case datetime():
            return rfc3339(value)
        case dict():
            return {key: exact(each) for key, each in value.items()}
        case list() | tuple():
            return [exact(each) for each in value]
        case _:
            return value

"""What is wrong with bytes that could not be read, in a sentence for people."""

from __future__ import annotations

from typing import Final

import pydantic

DETAIL_FAULTS: Final = 5


def faults(fault: pydantic.ValidationError) -> str:
    """The fields that are wrong, and how; a few of them, without their values."""
    named = [
        f"{'.'.join(str(part) for part in error['loc']) or 'message'}: {error['msg']}"
        for error in fault.errors(include_url=False, include_input=False)
    ]
    more = f" (and {len(named) - DETAIL_FAULTS} more)" if len(named) > DETAIL_FAULTS else ""
    return "; ".join(named[:DETAIL_FAULTS]) + more

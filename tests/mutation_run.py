"""`make mutation`: mutmut, taught to look into dataclasses.

It leaves out every class with a decorator, because one may copy or register what it decorates; `dataclass` does neither
to a method, and the books, the lots and the entries are dataclasses.
"""

from __future__ import annotations

import libcst as cst
import libcst.matchers as m
from mutmut.__main__ import cli
from mutmut.mutation.file_mutation import MutationVisitor

_DATACLASS = m.Decorator(m.Name("dataclass") | m.Call(m.Name("dataclass")))
_left_out = MutationVisitor._skip_node_and_children


def _leave_out(visitor: MutationVisitor, node: cst.CSTNode) -> bool:
    if isinstance(node, cst.ClassDef) and all(m.matches(each, _DATACLASS) for each in node.decorators):
        node = node.with_changes(decorators=())
    return _left_out(visitor, node)


if __name__ == "__main__":
    MutationVisitor._skip_node_and_children = _leave_out  # type: ignore[method-assign]
    cli()

"""No float near money: exact decimals from the message to the ledger (DESIGN §4.8)."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.source import Module, modules

# A float that measures time or load is no money; its name says so.
TIME_WORDS = ("second", "pause", "timeout", "ahead", "_at", "now", "until", "not_before")
# Demo, pictures and measurements speak of rates and milliseconds; they decide, sign and book nothing.
PLACES = ("schemas", "streams", "api", "ops/paper", "ops/backtest", "ops/audit", "ops/rebuild", "ops/feed")
# What deals in money: the contract, and whoever takes exact numbers from it or from the library.
MONEY_SOURCES = ("decimal", "schemas.money")


def _knows_money(module: Module) -> bool:
    return module.name.startswith("schemas.") or any(
        name.startswith(MONEY_SOURCES) for name in module.imports()
    )


def _floats(module: Module) -> Iterator[str]:
    """Places where a float is made or asked for under a name that does not speak of time."""
    of_time = {id(part) for node in ast.walk(module.tree) if _is_time(node) for part in ast.walk(node)}
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and _speaks_of_time(node.name)
            and node.returns
        ):
            of_time |= {id(part) for part in ast.walk(node.returns)}
    for node in ast.walk(module.tree):
        is_name = isinstance(node, ast.Name) and node.id == "float"
        is_literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        if (is_name or is_literal) and id(node) not in of_time:
            assert isinstance(node, ast.expr)
            yield f"{module.place}:{node.lineno} {ast.unparse(node)}"


def _is_time(node: ast.AST) -> bool:
    match node:
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.AnnAssign(target=ast.Attribute(attr=name)):
            return _speaks_of_time(name)
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.Assign(targets=[ast.Attribute(attr=name)]):
            return _speaks_of_time(name)
        case ast.arg(arg=name) | ast.keyword(arg=str(name)):
            return _speaks_of_time(name)
        case _:
            return False


def _speaks_of_time(name: str) -> bool:
    return any(word in name.lower() for word in TIME_WORDS)


def test_no_float_near_money() -> None:
    """In a module that knows money a float is neither called, nor annotated, nor written, but for spans of time."""
    dealing = [module for module in modules(*PLACES) if _knows_money(module)]
    assert len(dealing) > 40
    assert [place for module in dealing for place in _floats(module)] == []

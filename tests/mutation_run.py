"""`make mutation`: mutmut's mutants, each tried in a fork of one session of pytest.

mutmut itself starts a session for each mutant, which takes longer than the tests; here they are collected once. And it
leaves out every class with a decorator, because one may copy or register what it decorates: `dataclass` does neither to
a method, and the books, the lots and the entries are dataclasses.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from time import perf_counter

import libcst as cst
import libcst.matchers as m
import mutmut
import mutmut.__main__ as product
import pytest
from mutmut.configuration import Config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.file_mutation import MutationVisitor

_DATACLASS = m.Decorator(m.Name("dataclass") | m.Call(m.Name("dataclass")))
_NO_TESTS = 33
# Nobody reads how a mutant fails, and to say it nicely takes longer than to find out.
_PLAIN = ("--assert=plain", "--tb=native")
_left_out = MutationVisitor._skip_node_and_children


def _leave_out(visitor: MutationVisitor, node: cst.CSTNode) -> bool:
    if isinstance(node, cst.ClassDef) and all(m.matches(each, _DATACLASS) for each in node.decorators):
        node = node.with_changes(decorators=())
    return _left_out(visitor, node)


class _EachMutant:
    """What pytest does with the tests it has collected: once as they are, noting who reaches which function; then for
    each mutant that is not killed yet those that reach it, the quick ones first, until one fails."""

    def __init__(self, found: Sequence[tuple[SourceFileMutationData, str]]) -> None:
        self._found = found
        self._of: dict[str, list[pytest.Item]] = defaultdict(list)
        self._seconds: dict[str, float] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of pytest's own."""
        self._look(session)
        gc.freeze()
        for data, name in self._found:
            items = self._of[product.mangled_name_from_mutant_name(name)]
            items.sort(key=lambda item: self._seconds[item.nodeid])
            data.exit_code_by_key[name] = self._tried(session, name, items) if items else _NO_TESTS
            data.save()
        return True

    def _look(self, session: pytest.Session) -> None:
        os.environ["MUTANT_UNDER_TEST"] = "stats"
        for item, following in _one_after_another(session.items):
            mutmut._stats.clear()
            begun = perf_counter()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            self._seconds[item.nodeid] = perf_counter() - begun
            for function in mutmut._stats:
                self._of[function].append(item)
        assert not session.testsfailed, "a test fails without any mutant"

    def _tried(self, session: pytest.Session, name: str, items: Sequence[pytest.Item]) -> int:
        """0: nobody noticed. A mutant that runs on and on is ended by the processor time it takes."""
        pid = os.fork()
        if pid:
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        try:
            limit = ceil(2 + 10 * sum(self._seconds[item.nodeid] for item in items))
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.environ["MUTANT_UNDER_TEST"] = name
            for item, following in _one_after_another(items):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if session.testsfailed:
                    break
            os._exit(1 if session.testsfailed else 0)
        finally:
            os._exit(1)


def _one_after_another(items: Sequence[pytest.Item]) -> zip[tuple[pytest.Item, pytest.Item | None]]:
    return zip(items, [*items[1:], None], strict=True)


def _made() -> list[SourceFileMutationData]:
    """The mutants of `only_mutate` in mutants/, with what is known of them from an earlier run."""
    os.environ["MUTANT_UNDER_TEST"] = "mutant_generation"
    Path("mutants").mkdir(exist_ok=True)
    product.copy_src_dir()
    product.copy_also_copy_files()
    product.setup_source_paths()
    product.create_mutants(1)
    _, by_path = product.collect_source_file_mutation_data(mutant_names=())
    return list(by_path.values())


def _main(files: Sequence[str]) -> None:
    MutationVisitor._skip_node_and_children = _leave_out  # type: ignore[method-assign, assignment]
    made = _made()
    found = []
    for data in made:
        data.meta_path = data.meta_path.absolute()
        if not files or str(data.path) in files:
            found += [
                (data, name) for name, code in data.exit_code_by_key.items() if code in {None, 0, _NO_TESTS}
            ]
    own = Config.get()
    os.chdir("mutants")
    code = pytest.main(
        ["--rootdir=.", "-s", *_PLAIN, *own.pytest_add_cli_args, *own.pytest_add_cli_args_test_selection],
        plugins=[_EachMutant(found)],
    )
    for data in made:
        counted = Counter(product.status_by_exit_code[code] for code in data.exit_code_by_key.values())
        sys.stdout.write(f"{data.path}: {dict(counted)}\n")
    sys.exit(code)


if __name__ == "__main__":
    _main(sys.argv[1:])

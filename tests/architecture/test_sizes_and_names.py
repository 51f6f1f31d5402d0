"""Small modules, small functions, names that say something."""

from __future__ import annotations

import ast
import re

from tests.architecture.source import ROOT, modules, tracked_files

MODULE_LINES_MAX = 300
FUNCTION_LINES_MAX = 60
# Words that name everything and nothing.
EMPTY_WORDS = frozenset(
    "util utils helper helpers common misc manager service handler data info process do tmp".split()  # noqa: SIM905
)
EMPTY_ENDINGS = ("Manager", "Helper", "Helpers", "Utils", "Handler")


def test_no_module_is_longer_than_it_can_be_read() -> None:
    """At most 300 lines."""
    long = {
        module.place: count for module in modules() if (count := module.text.count("\n")) > MODULE_LINES_MAX
    }
    assert long == {}


def test_no_function_is_longer_than_a_screen() -> None:
    """At most 60 lines, its docstring included."""
    long = {
        f"{module.place}:{node.lineno} {node.name}": length
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES_MAX
    }
    assert long == {}


def test_names_say_what_they_name() -> None:
    """No module, folder, class or function is called utils, manager, data and the like, or a second version."""
    empty = [
        part
        for path in tracked_files()
        for part in (path.relative_to(ROOT).as_posix(),)
        if any(re.split(r"\.", piece)[0] in EMPTY_WORDS for piece in part.split("/"))
        or re.search(r"_v\d+(\.py|/)", part)
    ]
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                bare = node.name.strip("_")
                if (
                    bare.lower() in EMPTY_WORDS
                    or bare.endswith(EMPTY_ENDINGS)
                    or re.search(r"_?[vV]2$", bare)
                ):
                    empty.append(f"{module.place}:{node.lineno} {node.name}")
    assert empty == []


def test_every_module_begins_in_the_same_way() -> None:
    """A docstring that says what it is, and annotations that cost nothing."""
    bare = [
        module.place
        for module in modules()
        if module.tree.body
        and (
            ast.get_docstring(module.tree) is None or "from __future__ import annotations" not in module.text
        )
        and not (module.path.name == "__init__.py" and len(module.tree.body) <= 1)
    ]
    assert bare == []


def test_nothing_is_left_for_later() -> None:
    """Nothing is marked as to be done."""
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
    left = [
        f"{module.place}:{number}"
        for module in modules()
        for number, line in enumerate(module.text.splitlines(), 1)
        if marks.search(line)
    ]
    assert left == []


def test_every_folder_of_tests_is_a_package() -> None:
    """Without it two tests of the same name would hide each other."""
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    assert [folder.name for folder in folders if not (folder / "__init__.py").exists()] == []

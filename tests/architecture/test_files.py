"""What stands in the repository's files: no place of one machine, and every setting in .env.example."""

from __future__ import annotations

import re

from ops.settings_example import example
from tests.architecture.source import ROOT, modules, tracked_files

# Put together here, so that this file does not hold them.
PLACES = tuple("/" + place for place in ("work/", "root/", "home/", "tmp/brief", "Users/"))
REGISTRIES = ("pypi" + ".org", "pythonhosted" + ".org", "repo.maven" + ".apache", "repo1.maven" + ".org")
# The lock names where each file comes from; that is its purpose.
LOCKS = ("uv.lock",)


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    """Neither a path of one machine nor a registry's host."""
    known = []
    for path in tracked_files():
        if path.name in LOCKS:
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        known += [
            f"{path.relative_to(ROOT)}: {mark}"
            for mark in (*PLACES, *REGISTRIES)
            if re.search(rf"(?<!\w){mark}", text)
        ]
    assert known == []


def test_the_example_of_settings_is_up_to_date() -> None:
    """.env.example is what the settings classes say: python -m ops.settings_example > .env.example."""
    assert (ROOT / ".env.example").read_text() == example()


def test_every_setting_that_code_speaks_of_is_in_the_example() -> None:
    """A POLYCOOL_ name in the code is a setting that people can look up."""
    known = set(re.findall(r"POLYCOOL_[A-Z0-9_]*[A-Z0-9]", (ROOT / ".env.example").read_text()))
    spoken = {
        name: module.place
        for module in modules("schemas", "streams", "api", "ops", "tests")
        for name in re.findall(r"POLYCOOL_[A-Z0-9_]*[A-Z0-9](?![A-Z0-9_{])", module.text)
    }
    assert {name: place for name, place in spoken.items() if name not in known} == {}

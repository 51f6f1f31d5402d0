"""Alert rules and dashboard: over figures that exist, with a runbook each, and proven by promtool."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.watching.exposed import names_in, series_names

ROOT: Final = Path(__file__).parents[2]
ALERTS: Final = ROOT / "ops/alerts"
RULES: Final = ALERTS / "polycool.rules.yml"
TESTS: Final = (ALERTS / "polycool.test.yml", ALERTS / "polycool.burn.test.yml")
DASHBOARD: Final = ROOT / "ops/dashboards/polycool.json"
# What the issue and SAFETY ask for, whatever else there is.
ASKED: Final = frozenset({
    "PolycoolWatchdog", "PolycoolCopyWorkerStopped", "PolycoolKafkaLost", "PolycoolStageLags", "PolycoolOrderUnknown",
    "PolycoolDuplicatePrevented", "PolycoolDeadLetters", "PolycoolPoolExhausted", "PolycoolClockOff",
    "PolycoolAuditMismatch", "PolycoolHalted", "PolycoolNoticesWait", "PolycoolOutboxStuck", "PolycoolCopiesLateFast",
    "PolycoolCopiesLateSlow", "PolycoolLateFill", "PolycoolOrdersFound", "PolycoolSettlementFailed",
})  # fmt: skip


def rules() -> list[dict[str, Any]]:
    """Every rule of the file."""
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def promtool() -> str:
    """Where promtool is; the test is skipped where it is not."""
    found = shutil.which("promtool") or ROOT / ".make/promtool"
    if not Path(found).is_file():
        pytest.skip("promtool is not here: `make promtool` fetches it from Debian's package prometheus")
    return str(found)


def test_what_was_asked_for_is_there() -> None:
    """By name."""
    names = [rule["alert"] for rule in rules()]
    assert set(names) >= ASKED
    assert len(names) == len(set(names))


def test_rules_read_only_figures_that_the_processes_have() -> None:
    """A rule over a name nobody shows is silent for ever."""
    known = series_names()
    for rule in rules():
        read = names_in(rule["expr"])
        assert read <= known, (rule["alert"], read - known)
        assert read or rule["alert"] == "PolycoolWatchdog", rule["alert"]


def test_panels_read_only_figures_that_the_processes_have() -> None:
    """Valid JSON, one id a panel, at least a query in each, nothing over a name nobody shows."""
    board = json.loads(DASHBOARD.read_text())
    known = series_names()
    panels = [panel for panel in board["panels"] if panel["type"] != "row"]
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    queries = [(panel["title"], target["expr"]) for panel in panels for target in panel["targets"]]
    assert {title for title, _ in queries} == {panel["title"] for panel in panels}
    for title, query in queries:
        read = names_in(query)
        assert read, title
        assert read <= known, (title, read - known)


def test_the_dashboard_shows_every_figure_of_ours() -> None:
    """What is measured can be seen; a new figure gets its panel."""
    shown: set[str] = set()
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel.get("targets", ()):
            shown |= names_in(target["expr"])
    unseen = set()
    for name in series_names():
        if name.startswith("polycool_"):
            family = re.sub(r"_(bucket|sum|count)$", "", name)
            if not any(re.sub(r"_(bucket|sum|count)$", "", each) == family for each in shown):
                unseen.add(family)
    assert unseen == {"polycool_audit_finished_timestamp_seconds"}


def test_every_alert_links_to_its_runbook_and_every_runbook_has_its_alert() -> None:
    """The link's anchor is a heading of the page; under it stands what it means, what to look at, what to do."""
    page = (ROOT / "docs/runbooks.md").read_text()
    parts = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    headed = {part.splitlines()[0].strip().lower(): part for part in parts}
    for rule in rules():
        file, _, anchor = rule["annotations"]["runbook_url"].partition("#")
        assert (ROOT / file).is_file()
        assert anchor in headed, rule["alert"]
        assert anchor == rule["alert"].lower()
        for words in ("**Means**", "**Look**", "**Do**"):
            assert words in headed[anchor], (rule["alert"], words)
    assert set(headed) == {rule["alert"].lower() for rule in rules()}


def test_runbooks_name_only_commands_that_exist() -> None:
    """A command that is not there is found out at three in the morning."""
    from ops.cli import COMMANDS

    page = (ROOT / "docs/runbooks.md").read_text()
    named = set(re.findall(r"`polycool ([a-z]+)", page))
    assert named <= set(COMMANDS), named - set(COMMANDS)


def test_every_alert_has_a_test_in_which_it_fires_and_one_in_which_it_is_silent() -> None:
    """Beside promtool's own verdict: nothing is left out of its tests."""
    fires: set[str] = set()
    silent: set[str] = {"PolycoolWatchdog"}  # never is
    for file in TESTS:
        checks = [c for case in yaml.safe_load(file.read_text())["tests"] for c in case["alert_rule_test"]]
        for check in checks:
            (fires if check["exp_alerts"] else silent).add(check["alertname"])
    names = {rule["alert"] for rule in rules()}
    assert fires == names
    assert silent == names


def test_promtool_agrees() -> None:
    """The rules are rules, and do what their tests say."""
    tool = promtool()
    for arguments in (
        ("check", "rules", RULES),
        ("check", "config", ALERTS / "prometheus.yml"),
        ("test", "rules", *TESTS),
    ):
        ran = subprocess.run(
            [tool, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr

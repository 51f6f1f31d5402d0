"""For each promise one violation planted in a copy of a healthy run's database: the audit names it."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from ops.audit.by_rules import limits_by_hand
from ops.audit.decisions import decided_again
from ops.audit.rebuild import rebuilt
from ops.audit.report import Audit, Check
from ops.audit.run import BEGINNING, run_audit
from ops.audit.secrets import keys_stay_in
from ops.audit.sentences import WIDE, lines
from ops.audit.tables import table_checks
from ops.audit.topics import nothing_lost
from streams.topology import TopicNames
from tests.audit.planted import A_BUY, A_SELL, AN_ACCOUNT, PLANTED
from tests.campaigns.running import CampaignRun

NAMES = TopicNames()


@pytest.mark.parametrize("planted", PLANTED)
async def test_what_the_tables_show_is_found(campaign_run: CampaignRun, planted: str) -> None:
    """Promises 1 to 6 and 8: exactly the check of the promise breaks, and says what."""
    name, deed = PLANTED[planted]
    with campaign_run.clone() as database:
        _plant(database, deed)
        async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
            checks = {check.name: check for check in await table_checks(connection, BEGINNING)}
    assert checks[name].broken > 0
    assert checks[name].names
    said = lines(Audit((checks[name],)))
    assert " ✗ " in said[0]
    assert checks[name].names[0] in said[1]
    print(f"{planted}: {said[1].strip()}")  # noqa: T201 (what an operator would read)


async def test_a_healthy_run_is_found_healthy(campaign_run: CampaignRun) -> None:
    """Every check runs and finds nothing, of the tables, the topics, the venue's ledger and the logs."""
    with campaign_run.clone() as database:
        audit = await run_audit(
            database_url=database,
            kafka=campaign_run.kafka,
            rebuild=True,
            logs=campaign_run.logs,
            environment=campaign_run.processes.environment,
        )
    assert [check.name for check in audit.checks if not check.holds] == []
    assert sorted(check.promise for check in audit.checks) == [1, 2, 3, 4, 4, 4, 5, 6, 7, 8, 9, 10]
    text = lines(audit, WIDE)
    assert len([row for row in text if "named:" not in row]) == 5, "two columns"
    assert [row for row in lines(audit) if " ✗ " in row] == []
    assert " 2 answered      ✓" in text[1]
    assert (
        f" of {audit.checks[1].counted['answered']:,} have exactly one end with a reason; 0 open over 120 s"
        in text[1]
    )


@pytest.mark.parametrize(
    ("what", "deed"),
    [
        ("another amount", f"UPDATE copy_orders SET amount_usdc = amount_usdc + 0.01 WHERE copy_order_id = {A_BUY}"),
        ("another limit", f"UPDATE copy_orders SET limit_price = limit_price + 0.001 WHERE copy_order_id = {A_SELL}"),
        ("another reason", """
            UPDATE copy_orders SET reason = 'BUDGET' WHERE copy_order_id =
                   (SELECT min(copy_order_id) FROM copy_orders WHERE reason = 'BELOW_MINIMUM')"""),
    ],
)  # fmt: skip
async def test_a_decision_that_cannot_be_made_again_is_found(
    campaign_run: CampaignRun, what: str, deed: str
) -> None:
    """Promise 4: what stands in the row is what its stored inputs lead to."""
    check = await _on_a_clone(campaign_run, deed, "decided again")
    assert check.broken == 1, what


@pytest.mark.parametrize(
    ("says", "deed"),
    [
        ("its limit price is", f"UPDATE copy_orders SET limit_price = limit_price + 0.1 WHERE copy_order_id = {A_BUY}"),
        ("BALANCE: costs", f"UPDATE copy_orders SET reserve_usdc = 100000 WHERE copy_order_id = {A_BUY}"),
        ("TOO_OLD", f"UPDATE copy_orders SET traded_at = traded_at - interval '2 h' WHERE copy_order_id = {A_BUY}"),
        ("shares of", f"UPDATE copy_orders SET shares = shares + 1000 WHERE copy_order_id = {A_SELL}"),
    ],
)  # fmt: skip
async def test_what_the_rules_do_not_allow_is_found_by_another_hand(
    campaign_run: CampaignRun, says: str, deed: str
) -> None:
    """Promise 4: weighed by code that shares nothing with the deciding code."""
    check = await _on_a_clone(campaign_run, deed, "limits by hand")
    assert any(says in name for name in check.names)


async def test_what_came_late_or_from_outside_is_named_and_breaks_nothing(campaign_run: CampaignRun) -> None:
    """SAFETY §2 (4) and R38: late fills, and a cent that a stranger sent in."""
    with campaign_run.clone() as database:
        _plant(database, f"UPDATE copy_orders SET late_fill = true WHERE copy_order_id = {A_BUY}")
        _plant(
            database,
            f"""WITH sent AS (UPDATE paper.balances b SET amount = b.amount + 10000 FROM accounts a
                               WHERE b.party = a.wallet AND b.asset = 'USDC' AND a.account_id = {AN_ACCOUNT}
                              RETURNING a.account_id), giver AS (
                  UPDATE paper.balances SET amount = amount - 10000
                   WHERE asset = 'USDC' AND party = (SELECT min(party) FROM paper.balances
                          WHERE asset = 'USDC' AND party NOT IN (SELECT wallet FROM accounts)))
                INSERT INTO external_moves (account_id, asset, amount) SELECT account_id, 'USDC', 0.01 FROM sent""",
        )
        async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
            checks = {check.name: check for check in await table_checks(connection, BEGINNING)}
    assert [name for name, check in checks.items() if not check.holds] == []
    assert any("filled after its end was proven" in note for note in checks["limits"].notes)
    assert any("0.010000 USDC came from outside" in note for note in checks["money"].notes)


async def test_a_trade_that_is_nowhere_is_found(campaign_run: CampaignRun) -> None:
    """Promise 7: each message is stored, a dead letter, or of a wallet that nobody watches."""
    deed = "DELETE FROM trades WHERE (wallet, trade_id) IN (SELECT wallet, trade_id FROM trades LIMIT 1)"
    check = await _on_a_clone(campaign_run, deed, "nothing lost")
    assert check.broken > 0
    assert "is nowhere" in check.names[0]


async def test_a_number_that_is_on_no_topic_is_found(campaign_run: CampaignRun) -> None:
    """Promise 7: what was numbered was also said."""
    deed = """UPDATE trades SET leader_number = leader_number + 1000 WHERE (wallet, leader_number) IN
                     (SELECT wallet, max(leader_number) FROM trades GROUP BY wallet)"""
    check = await _on_a_clone(campaign_run, deed, "nothing lost")
    assert any("is not on the topic" in name for name in check.names)


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE leader_positions SET shares = shares + 0.000001",
        "UPDATE trades SET size = size + 0.000001 WHERE trade_id = (SELECT min(trade_id) FROM trades)",
        "DELETE FROM smart_traders_positions",
        "UPDATE smart_decisions SET usdc = usdc + 1 WHERE result <> 'none'",
    ],
)
async def test_a_read_table_unlike_the_topics_is_found(campaign_run: CampaignRun, deed: str) -> None:
    """Promise 9: rows made again from the topics are the same."""
    assert (await _on_a_clone(campaign_run, deed, "rebuild")).broken > 0


async def test_a_secret_in_a_table_is_found(campaign_run: CampaignRun) -> None:
    """Promise 10: and the finding does not repeat the secret."""
    secret = campaign_run.processes.environment["POLYCOOL_KEY_ENCRYPTION_KEY"]
    deed = f"UPDATE notifications SET body = jsonb_build_object('x', '{secret}')"
    check = await _on_a_clone(campaign_run, deed, "keys")
    assert check.names
    assert "table notifications: holds POLYCOOL_KEY_ENCRYPTION_KEY" in check.names[0]
    assert secret not in str(check.as_json())


async def test_a_secret_in_a_log_is_found(campaign_run: CampaignRun, tmp_path: Path) -> None:
    """Promise 10: logs are searched too."""
    secrets = {
        "POLYCOOL_OPERATOR_TOKEN": campaign_run.processes.environment["POLYCOOL_OPERATOR_TOKEN"].encode()
    }
    log = tmp_path / "api.log"
    log.write_bytes(
        b'{"event": "request", "authorization": "Bearer ' + secrets["POLYCOOL_OPERATOR_TOKEN"] + b'"}'
    )
    with campaign_run.clone() as database:
        async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
            check = await keys_stay_in(connection, campaign_run.kafka, NAMES, [log], secrets)
    assert list(check.names) == ["log api.log: holds POLYCOOL_OPERATOR_TOKEN"]


async def test_the_command_says_no_with_its_exit_code(campaign_run: CampaignRun) -> None:
    """`polycool audit` ends with 0 on a healthy database and with 1 on a broken one."""
    with campaign_run.clone() as database:
        assert await _command(campaign_run, database) == 0
        _plant(database, PLANTED["cash unlike the venue's"][1])
        assert await _command(campaign_run, database) == 1


async def test_only_what_came_since_is_looked_at(campaign_run: CampaignRun) -> None:
    """`--since`: an older violation is not counted again."""
    with campaign_run.clone() as database:
        _plant(database, PLANTED["filled beyond the decision"][1])
        async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
            checks = await table_checks(connection, datetime.now(UTC))
    assert {check.name: check.broken for check in checks}["once"] == 0


async def _on_a_clone(run: CampaignRun, deed: str, name: str) -> Check:
    with run.clone() as database:
        _plant(database, deed)
        async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
            match name:
                case "decided again":
                    return await decided_again(connection, BEGINNING)
                case "limits by hand":
                    return await limits_by_hand(connection, BEGINNING)
                case "nothing lost":
                    return await nothing_lost(connection, run.kafka, NAMES, BEGINNING)
                case "rebuild":
                    return await rebuilt(connection, run.kafka, NAMES)
                case _:
                    secret = run.processes.environment["POLYCOOL_KEY_ENCRYPTION_KEY"].encode()
                    secrets = {"POLYCOOL_KEY_ENCRYPTION_KEY": secret}
                    return await keys_stay_in(connection, run.kafka, NAMES, [], secrets)


def _plant(database: str, deed: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("SET session_replication_role = replica")
        done = connection.execute(deed.encode())
        assert done.rowcount > 0, "nothing was planted"


async def _command(run: CampaignRun, database: str) -> int | None:
    environment = run.processes.environment | {"POLYCOOL_DATABASE_URL": database}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ops.cli", "audit", "--json", env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    return await process.wait()

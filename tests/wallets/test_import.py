"""A list of wallets from a file: spellings, repeated wallets, bad rows by their line, and what the API makes of it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from ops.cli import run
from ops.exits import ANSWER_IS_NO, DONE, WRONG_USE
from ops.feed.lines import numbered_lines
from ops.feed.refusals import WrongFile
from ops.wallets.rows import Listed, read_rows
from schemas.enums import AddressType

LIST = Path(__file__).parents[2].parent / "shared" / "data" / "smart_wallets.csv.gz"
ONE, TWO = "0x" + "1" * 40, "0x" + "2" * 40


def listed(*lines: str, header: str = "wallet,smartscore,win_rate,markets_count,realized_pnl") -> Listed:
    """The rows of a file with these lines."""
    return read_rows(enumerate([header, *lines], 1))


def test_a_row_says_who_as_what_and_what_the_list_thinks() -> None:
    """Rounded to what is kept."""
    found = listed(
        f"{ONE.upper().replace('0X', '0x')},8.69212838633,0.5569581749049429,19725,38581.31261306267"
    )
    assert found.bodies() == [
        {
            "wallet": ONE, "roles": ["smart_trader"], "win_rate": "0.55696", "markets": 19725,
            "score": "8.692128", "result_usdc": "38581.312613",
        }
    ]  # fmt: skip


@pytest.mark.parametrize("spelling", ["smart_wallet", "smart_trader", ""])
def test_b33_every_spelling_of_a_smart_trader_is_one(spelling: str) -> None:
    """And without a word of it, too; a leader is what it says."""
    found = listed(f"{ONE},{spelling}", f"{TWO},copy_leader", header="wallet,address_type")
    assert found.roles == {ONE: {AddressType.SMART_TRADER}, TWO: {AddressType.COPY_LEADER}}


def test_bad_rows_are_refused_by_their_line_and_the_good_ones_taken() -> None:
    """Each with what is wrong; a foreign role too."""
    found = listed(
        f"{ONE},5,0.7,10,100",
        "0x123,5,0.7,10,100",
        f"{TWO},5,1.7,10,100",
        f"{TWO},5,0.7,10",
        f"{TWO},5,0.7,many,100",
        f'{TWO},"5,0.7,1,1',
        f"{TWO},5,0.7,20,100",
    )
    assert list(found.wallets) == [ONE, TWO]
    assert [refused.line for refused in found.refused] == [3, 4, 5, 6, 7]
    assert "40 hexadecimal" in found.refused[0].reason
    foreign = listed(f"{ONE},bot_user", header="wallet,type")
    assert [refused.line for refused in foreign.refused] == [2]


def test_a_repeated_wallet_is_one_with_the_row_that_knows_more() -> None:
    """Roles add up; the row of more markets counts, and what it lacks is filled in."""
    found = listed(
        f"{ONE},smart_wallet,0.6,10,,Whale", f"{ONE},copy_leader,0.7,90,5,", f"{ONE},,0.9,3,,",
        header="wallet,type,win_rate,markets,score,label",
    )  # fmt: skip
    assert found.repeated == 2
    assert found.bodies() == [
        {
            "wallet": ONE, "roles": ["copy_leader", "smart_trader"], "label": "Whale", "win_rate": "0.7",
            "markets": 90, "score": "5",
        }
    ]  # fmt: skip


def test_b51_what_a_list_does_not_know_blocks_nobody() -> None:
    """One null stopped all inserts of the former product; here it is a fact that is not known."""
    found = listed(f"{ONE},null,,,NaN", f"{TWO},5,0.7,20,100")
    assert found.refused == []
    assert found.bodies()[0] == {"wallet": ONE, "roles": ["smart_trader"]}


@pytest.mark.parametrize("lines", [[], ["address,win_rate"]])
def test_a_file_of_another_kind_is_refused_whole(lines: list[str]) -> None:
    """Empty, or without the column that counts."""
    with pytest.raises(WrongFile):
        read_rows(enumerate(lines, 1))


def test_the_plan_is_shown_and_nothing_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 1 when a line was refused, 2 for another kind of file; the document is one line."""
    file = tmp_path / "list.csv.gz"
    file.write_bytes(gzip.compress(f"wallet,win_rate\n{ONE},0.6\nnobody,0.7\n".encode()))
    assert run(["wallets", "import", str(file), "--json"]) == ANSWER_IS_NO
    captured = capsys.readouterr()
    plan = json.loads(captured.out)
    assert (plan["executed"], plan["wallets"], [row["line"] for row in plan["refused"]]) == (False, 1, [3])
    assert captured.err.startswith("line 3 refused:")
    assert run(["wallets", "import", str(file), "--plan", "P-0000000"]) == ANSWER_IS_NO
    file.write_text("who,what\n")
    assert run(["wallets", "import", str(file)]) == WRONG_USE
    file.write_text(f"wallet\n{ONE}\n")
    assert run(["wallets", "import", str(file)]) == DONE


def test_the_list_of_the_former_product_is_read_whole() -> None:
    """2,005 rows, 1,553 wallets."""
    if not LIST.exists():
        pytest.skip(f"{LIST.name} is not beside the project")
    found = read_rows(numbered_lines(str(LIST)))
    assert (len(found.wallets), found.repeated, found.refused) == (1_553, 452, [])

"""What a line of a trades file becomes."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path

import pytest

from ops.feed.lines import FileUnreadable, numbered_lines
from ops.feed.plan import count, trade_rows
from ops.feed.refusals import Refused, WrongFile
from ops.feed.trade_rows import CsvTrades, JsonTrades, Row, reader_for
from schemas.enums import Source
from tests.feed.rows import HEADER, WALLET, csv_text, line, tx

DATA = Path(__file__).parents[3] / "shared" / "data"


def read(text: str) -> Row | Refused:
    """One row under the usual header."""
    return CsvTrades(HEADER).read(2, text)


def refusal(text: str) -> str:
    """The reason for which a row is refused."""
    row = read(text)
    assert isinstance(row, Refused), f"taken: {row}"
    return row.reason


def test_names_count_per_transaction_in_file_order_bad_rows_too() -> None:
    """`<tx_hash>-<n>`: the place among the rows of its hash, whether or not the rows between could be read."""
    reader = CsvTrades(HEADER)
    rows = [reader.read(n, line(1, size=size)) for n, size in enumerate(["10", "0", "10"], start=2)]
    assert [row.trade.trade_id if isinstance(row, Row) else None for row in rows] == [
        f"{tx(1)}-0",
        None,
        f"{tx(1)}-2",
    ]


def test_a_row_without_a_hash_has_a_stable_name_of_its_own() -> None:
    """The same row of the same file has the same name each time, and no other row has it."""
    first, again, other = (
        read(line(1, tx_hash="")),
        read(line(1, tx_hash="")),
        read(line(1, tx_hash="", size="10.0")),
    )
    assert isinstance(first, Row)
    assert isinstance(again, Row)
    assert isinstance(other, Row)
    assert first.trade.trade_id == again.trade.trade_id != other.trade.trade_id
    assert first.trade.tx_hash is None


def test_numbers_stay_exact_and_case_does_not_matter() -> None:
    """A price of 19 decimals and a token id of 78 digits come through as they are; hex is lower-cased."""
    row = read(
        line(
            1,
            price="0.8919363820033867123",
            size="9478.45",
            usdc="8454.1744",
            wallet=WALLET.upper().replace("X", "x"),
            token_id="9" * 78,
        )
    )
    assert isinstance(row, Row)
    assert (row.trade.price, row.trade.size) == (Decimal("0.8919363820033867123"), Decimal("9478.45"))
    assert row.trade.token_id == "9" * 78
    assert row.trade.wallet == WALLET
    assert row.trade.source is Source.FILE


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (line(1, size="0"), "size_shares"),
        (line(1, size="-3"), "size_shares"),
        (line(1, price="0"), "price"),
        (line(1, price="1"), "price"),
        (line(1, price="0." + "1" * 21), "price"),
        (line(1, price="5e-1"), "price"),
        (line(1, price="NaN"), "price"),
        (line(1, side="buy"), "side"),
        (line(1, wallet="0x12"), "wallet"),
        (line(1, token_id="9" * 79), "token_id"),
        (line(1, token_id="1e70"), "token_id"),
        (line(1, ts="yesterday"), "ts"),
        (line(1, tx_hash="0xzz"), "tx_hash"),
        (line(1, usdc="9"), "usdc"),
        ("1,2,3", "3 columns"),
        ('"unclosed', "not CSV"),
        ("\ufffd\ufffd\x00", "1 columns"),
    ],
)  # fmt: skip
def test_a_bad_row_is_refused_with_the_field_and_the_reason(text: str, field: str) -> None:
    """The reason starts with what the file calls the field."""
    assert refusal(text).startswith(field)


def test_the_source_is_set_by_the_door_and_not_by_the_body() -> None:
    """A line of JSON that calls itself `chain` is a file's all the same (SAFETY R9)."""
    row = read(line(1))
    assert isinstance(row, Row)
    body = json.loads(row.trade.encode()) | {"source": "chain"}
    again = JsonTrades().read(1, json.dumps(body))
    assert isinstance(again, Row)
    assert again.trade == row.trade


@pytest.mark.parametrize("first", ["a,b,c", HEADER.replace("price,", ""), '"unclosed'])
def test_a_file_of_another_kind_is_refused_as_a_whole(first: str) -> None:
    """A header that lacks a column says which."""
    with pytest.raises(WrongFile, match=r"header|CSV"):
        reader_for(first)


def test_plain_and_gzipped_files_read_the_same(tmp_path: Path) -> None:
    """Also with a byte order mark and empty lines; the line numbers are those of an editor."""
    text = "\ufeff" + csv_text([line(1), "", line(2)])
    (tmp_path / "a.csv").write_text(text)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text.encode()))
    plain, packed = list(trade_rows(str(tmp_path / "a.csv"))), list(trade_rows(str(tmp_path / "a.csv.gz")))
    assert plain == packed
    assert [row.line for row in plain] == [2, 4]


def test_a_gzip_file_cut_off_says_so(tmp_path: Path) -> None:
    """Not a trace, a sentence."""
    whole = gzip.compress(csv_text(line(n) for n in range(2_000)).encode())
    (tmp_path / "cut.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileUnreadable, match="ends early"):
        list(numbered_lines(str(tmp_path / "cut.gz")))


@pytest.mark.skipif(not DATA.exists(), reason="the recorded trades are not here (../shared/data)")
def test_every_recorded_trade_can_be_read() -> None:
    """11,437 recorded fills of six wallets, none refused."""
    counted = count(str(DATA / "trades.csv.gz"))
    assert (counted.trades, len(counted.wallets), counted.refused) == (11_437, 6, [])

"""What people send as a wallet: read in any form, refused with the words that name the fault. Pure."""

from __future__ import annotations

import pytest
from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from api.addresses import Fault, Read, read

LOWER = "0x6031b6eed1c97e853c6e0f03ad3ce3529351f96d"
PROPER = to_checksum_address(LOWER)
WRONG = PROPER[:-1] + ("d" if PROPER[-1] == "D" else "D")
OTHER = "0x" + "12" * 20


@pytest.mark.parametrize(
    "text",
    [
        LOWER,
        PROPER,
        "0x" + LOWER[2:].upper(),
        "0X" + LOWER[2:].upper(),
        LOWER[2:],
        f"  {LOWER}\n",
        f"\u200b{LOWER[:10]}\u200d{LOWER[10:]}\ufeff",
        f"{LOWER[:12]} {LOWER[12:30]} {LOWER[30:]}",
        f"please follow {LOWER}, he is good!",
        f"https://polymarket.com/profile/{LOWER}",
        f"polymarket.com/profile/{PROPER}?tab=activity",
        f"http://www.polymarket.com/de/profile/{LOWER}/",
        f"see <https://polymarket.com/profile/{LOWER}>",
        f"{LOWER} {PROPER}",
        f"{LOWER} and what is 0x12",
    ],
)
def test_an_address_is_found_in_any_form(text: str) -> None:
    """Any case, blanks and invisible signs, links, words around it; the same one twice is one."""
    assert read(text) == Read((LOWER,))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://polymarket.com/@Whale-7", "Whale-7"),
        ("polymarket.com/profile/@whale.x?via=somebody", "whale.x"),
        ("@whale", "whale"),
        ("whale", "whale"),
        ("look at polymarket.com/@whale please", "whale"),
    ],
)
def test_a_name_is_to_be_looked_up(text: str, name: str) -> None:
    """A link with a name, a name with @, a single word."""
    assert read(text) == Read(name=name)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (LOWER[:-1], Fault("resolve.hex_count", 39)),
        (LOWER + "00", Fault("resolve.hex_count", 42)),
        ("0x", Fault("resolve.hex_count", 0)),
        ("0x6031…a9c2", Fault("resolve.hex_count", 8)),
        ("0x" + "ab" * 32, Fault("resolve.hex_count", 64)),
        ("ab" * 32, Fault("resolve.hex_count", 64)),
        (LOWER[:-1] + "g", Fault("resolve.hex_count", 39)),
        (WRONG, Fault("resolve.checksum", wallet=LOWER)),
        (f"https://polymarket.com/profile/{WRONG}", Fault("resolve.checksum", wallet=LOWER)),
        ("vitalik.eth", Fault("resolve.ens")),
        ("", Fault("resolve.nothing")),
        ("who is good at this?", Fault("resolve.nothing")),
        (f"https://evil.example/profile/{LOWER}", Fault("resolve.nothing")),
        (f"https://polymarket.com@evil.example/profile/{LOWER}", Fault("resolve.nothing")),
        (f"https://me:you@polymarket.com/profile/{LOWER}", Fault("resolve.nothing")),
        ("https://polymarket.com/event/some-market", Fault("resolve.nothing")),
        ("file:///etc/passwd", Fault("resolve.nothing")),
        ("http://[::1", Fault("resolve.nothing")),
    ],
)
def test_what_is_no_wallet_is_refused_by_its_fault(text: str, fault: Fault) -> None:
    """Each with the key of its sentence; other people's hosts are no profiles."""
    assert read(text) == Read(fault=fault)


def test_a_wrong_checksum_can_be_used_anyway() -> None:
    """[Use it anyway]."""
    assert read(WRONG, ignore_checksum=True) == Read((LOWER,))


def test_several_are_a_list_and_bounded() -> None:
    """In the order they came, at most ten."""
    many = [f"0x{number:040x}" for number in range(20)]
    assert read("\n".join([OTHER, LOWER, OTHER])).wallets == (OTHER, LOWER)
    assert read(",".join(many)).wallets == tuple(many[:10])


@given(st.text(max_size=300))
def test_whatever_is_sent_is_read(text: str) -> None:
    """Exactly one of wallets, name and fault, and no exception; wallets are wallets."""
    found = read(text)
    assert sum((bool(found.wallets), found.name is not None, found.fault is not None)) == 1
    assert all(len(wallet) == 42 and wallet == wallet.lower() for wallet in found.wallets)

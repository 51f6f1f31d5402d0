"""Addresses that are no trader's: the exchange's own contracts, collateral and factories on its chain."""

from __future__ import annotations

from typing import Final

# Both exchanges of v1 and v2, v3, conditional tokens, position manager, router, modules, collateral and its ramps,
# adapters, redeemer, wallet factories with what they copy, and the relayer's helpers.
CONTRACTS: Final = frozenset(
    address.lower()
    for address in (
        "0x4bFb41d5B3570DeFd03C39a9A4D8dE6Bd8B8982E",
        "0xC5d563A36AE78145C45a50134d48A1215220f80a",
        "0xE111180000d2663C0091e4f400237545B87B996B",
        "0xe2222d279d744050d28e00520010520000310F59",
        "0xe3333700cA9d93003F00f0F71f8515005F6c00Aa",
        "0x4D97DCd97eC945f40cF65F87097ACe5EA0476045",
        "0x006F54F7f9A22e0000CC2AB60031000000ae9fEF",
        "0x12121212006e4CD160D18e3f00711DA5c3372600",
        "0x1000008dD9001B968442c1000017eaE6E0dA00Ba",
        "0x200000900045e3B6259600682756002200028933",
        "0x30000034706c7d8e12009dab006be20000c031a8",
        "0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB",
        "0x93070a847efEf7F70739046A929D47a521F5B8ee",
        "0x2957922Eb93258b93368531d39fAcCA3B4dC5854",
        "0xAdA100Db00Ca00073811820692005400218FcE1f",
        "0xadA2005600Dec949baf300f4C6120000bDB6eAab",
        "0xd91E80cF2E7be2e162c6513ceD06f1dD0dA35296",
        "0xa1200000d0002264C9a1698e001292D00E1b00af",
        "0x00000000000Fb5C9ADea0298D729A0CB3823Cc07",
        "0xaacFeEa03eb1561C4e67d661e40682Bd20E3541b",
        "0xaB45c5A4B0c941a2F231C04C3f49182e1A254052",
        "0x44e999d5c2F66Ef0861317f9A4805AC2e90aEB4f",
        "0x58CA52ebe0DadfdF531Cde7062e76746de4Db1eB",
        "0x7A18EDfe055488A3128f01F563e5B479D92ffc3a",
        "0xA238CBeb142c10Ef7Ad8442C6D1f9E89e07e7761",
        "0xD216153c06E857cD7f72665E0aF1d7D82172F494",
        "0x0000000000000000000000000000000000000000",
    )
)

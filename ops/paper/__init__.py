"""The paper exchange: a separate HTTP server that speaks the Polymarket CLOB's own API over its own tables.

It takes the official SDK unchanged but for the host, checks signatures, HMAC, ticks, minimums, duplicates and balances
as the real one does, charges the real fee formula and keeps a ledger exact to the micro-unit (DESIGN §8).

It misbehaves on demand (``faults``, ``conduct``, ``mode``, ``limits``, ``timetable``), tells on a user stream
(``newsroom``, ``wire``), and plays the relayer through which winnings are redeemed (``relayer``).

The way of an order: ``porter`` (mode, limits, conduct) → ``web`` (routes) → ``keys`` (HMAC) → ``orders`` (body) →
``signing`` (EIP-712) → ``rules`` (tick, minimums) → ``writer`` (a batch: load, ``decide`` by ``fills`` and ``fees``,
one statement, commit) → the answer, and ``newsroom``.
"""

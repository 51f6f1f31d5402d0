"""Who writes what. A writer is a folder of SQL: ``streams/tables/sql/<stage>``, ``api/queries``, ``ops/…/sql``.

Where two stand side by side they write different moments or columns, as the comment says (SAFETY §3).
The grants in the migrations say the same to the database; a test compares both and reads every SQL file.
"""

from __future__ import annotations

from typing import Final

WRITERS: Final[dict[str, frozenset[str]]] = {
    "applied_migrations": frozenset({"migration"}),
    "database_binding": frozenset({"migration"}),
    "topic_partitions": frozenset({"migration"}),
    "users": frozenset({"api"}),
    "operators": frozenset({"operators"}),
    "api_tokens": frozenset({"api"}),
    "sign_in_links": frozenset({"api"}),
    "web_sessions": frozenset({"api"}),
    "drafts": frozenset({"api"}),
    "revoked_tokens": frozenset({"api"}),
    # api opens (inserts); trading gives it its wallet and books its cash.
    "accounts": frozenset({"api", "trading"}),
    "account_credits": frozenset({"api"}),
    "cash_entries": frozenset({"trading"}),
    "wallet_keys": frozenset({"trading"}),
    # backup (as the tables' owner) after a restore: a version above the topic's; so below.
    "watched_addresses": frozenset({"api", "backup"}),
    "wallet_roles": frozenset({"api"}),
    "role_reads": frozenset({"classify"}),
    # rebuild (as the tables' owner) puts the rows that the topics make in their place, when an operator says so.
    "trades": frozenset({"classify", "rebuild"}),
    "wallet_ledgers": frozenset({"classify"}),
    "leader_positions": frozenset({"classify", "rebuild"}),
    "smart_traders_positions": frozenset({"classify", "rebuild"}),
    "markets": frozenset({"markets"}),
    "leader_values": frozenset({"markets"}),
    # api writes what the user decides; trading only the step from closing to ended.
    "copy_trading_allocations": frozenset({"api", "trading"}),
    "allocation_history": frozenset({"api", "trading"}),
    "leader_labels": frozenset({"api"}),
    # api asks; streams answers.
    "what_ifs": frozenset({"api", "what_if"}),
    "switches": frozenset({"api", "backup"}),
    "switch_history": frozenset({"api", "backup"}),
    "leader_decisions": frozenset({"copy_execution"}),
    "flooded_buys": frozenset({"copy_execution"}),
    "trade_traces": frozenset({"copy_execution"}),
    # copy_execution inserts; all later states are trading's, `waiting` too.
    # prune (as the tables' owner) lets go of what is old and no record of money; so below.
    "copy_orders": frozenset({"copy_execution", "trading", "prune"}),
    # Deciding code, run by copy_execution and, for what waited, by trading.
    "carried": frozenset({"decision"}),
    "orders": frozenset({"trading"}),
    "fills": frozenset({"trading"}),
    # trading books; `decision` lowers the target when a SELL is decided (target_shares, applied_number).
    "lots": frozenset({"trading", "decision"}),
    "lot_entries": frozenset({"trading"}),
    # api asks; trading answers, decides and carries out.
    "quotes": frozenset({"api", "trading"}),
    "manual_orders": frozenset({"api", "trading"}),
    # Read from the topic of the same name, so that operators can look at them.
    "dead_letters": frozenset({"letters"}),
    # With the refusal; the letter's state ends it, by a trigger.
    "missing_messages": frozenset({"classify"}),
    # api asks and puts away; streams sends and says what came of it.
    "dead_letter_plans": frozenset({"api"}),
    "dead_letter_redrives": frozenset({"api", "letters"}),
    "dead_letter_state": frozenset({"api", "letters"}),
    "token_prices": frozenset({"trading"}),
    # api asks, trading looks and answers.
    "live_looks": frozenset({"api", "trading"}),
    "withdrawal_addresses": frozenset({"api"}),
    # api asks; trading signs, sends and proves.
    "withdrawals": frozenset({"api", "trading"}),
    # api for who looks, smart_trader for what is graded.
    "price_wishes": frozenset({"api", "smart_trader"}),
    "worker_epochs": frozenset({"trading"}),
    "exit_orders": frozenset({"trading"}),
    "reversals": frozenset({"trading"}),
    "shortfalls": frozenset({"trading"}),
    "account_stops": frozenset({"trading"}),
    "external_moves": frozenset({"trading"}),
    "account_audits": frozenset({"trading", "prune"}),
    "redemptions": frozenset({"trading"}),
    "claims": frozenset({"trading"}),
    "found_orders": frozenset({"trading"}),
    # The command (as the tables' owner) and operators' route ask, trading answers.
    "audit_requests": frozenset({"api", "reconcile", "trading"}),
    # One row per event, whoever noticed it; api when an operator takes a leader's role away (SAFETY R16).
    "notifications": frozenset({"api", "classify", "copy_execution", "trading", "prune"}),
    # What each kind of notice is; by migrations only.
    "notice_kinds": frozenset(),
    "notice_evenings": frozenset({"api"}),
    "unreachable_pauses": frozenset({"api"}),
    "smart_decisions": frozenset({"smart_trader"}),
    "smart_signals": frozenset({"smart_trader"}),
    "signal_grades": frozenset({"smart_trader"}),
    "wallet_scores": frozenset({"smart_trader"}),
    "wallet_facts": frozenset({"wallet_facts"}),
    "wallet_looks": frozenset({"api"}),
    # Whoever commits a fact puts it in; the relay marks it sent and prunes.
    "outbox": frozenset({"api", "backup", "decision", "trading", "outbox"}),
    "webhook_receipts": frozenset({"api"}),
    "idempotency_keys": frozenset({"api"}),
    # By triggers only.
    "lot_totals": frozenset(),
    "dead_letter_history": frozenset(),
    "copy_order_transitions": frozenset(),
    "order_transitions": frozenset(),
    "manual_order_transitions": frozenset(),
    "withdrawal_transitions": frozenset(),
    "exit_order_transitions": frozenset(),
}

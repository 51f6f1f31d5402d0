// What opens behind the numbers: money at work, gaps, skips, unread messages, orders that were sent.
"use strict";

import { made } from "./drawing.js";
import { copying, list, table } from "./lists.js";

const OPEN = ["waiting", "planned", "submitting", "unknown"];
const LOT = ["leader_label", "side", "outcome", "question", "shares", "cost_usdc", "realised_usdc", "opened_at", "closed_at"];
const COPY = ["decided_at", "leader", "side", "outcome", "question", "state", "amount_usdc", "shares"];
const ORDER = ["signed_at", "account_id", "venue", "side", "outcome", "question", "attempt", "state", "amount_usdc", "shares", "filled_usdc", "order_hash"];
const FOLLOWING = ["label", "venue", "leader_label", "leader", "state", "budget_usdc", "at_work_usdc", "realised_usdc", "created_at"];
const TRADE = ["number", "traded_at", "kind", "side", "outcome", "question", "size", "price", "usdc", "allocations"];
const SKIP = ["decided_at", "user_id", "leader", "outcome", "question", "state", "price", "now_price", "usdc", "would_be_usdc"];
const OFFSETS = ["first", "committed", "end", "behind"];
const UNREAD = ["offset", "appended_at", "age_seconds", "key", "size"];

export function figures({ ask, words, failed, open, redraw, say, column, why }) {
  const columns = (...names) => () => names.map((name) => column(name));
  const opensCopy = column("copy_order_id", { press: (row) => row.copy_order_id && why(row.copy_order_id).catch(failed) });
  const of = (account) => `account=${encodeURIComponent(account)}`;

  // Several lists in one dialog, each with its own [Copy as JSON].
  async function several(title, parts, before = null) {
    const places = parts.map(() => made("div", { class: "list" }));
    await open(title, made("div", {}, before, ...parts.flatMap(([caption], nth) => [made("h3", {}, caption), places[nth]])));
    await Promise.all(parts.map(([caption, path, shape], nth) => list(places[nth], { ask, words, failed, caption, path, columns: shape })));
  }

  const orders = (title, query) => open(title, `/v1/ops/orders?${query}`, () => [opensCopy, ...ORDER.map((name) => column(name))]).catch(failed);

  function ranges(row) {
    return made("ul", { class: "plain" }, ...row.ranges.map((range) => made("li", {}, say(words.gap_range, {
      shares: range.shares, after: range.after_number ?? "–", number: range.number, from: range.after ?? "–", until: range.until,
    }), range.last_block === null ? "" : say(words.gap_blocks, { first: range.first_block ?? "–", last: range.last_block }))));
  }

  return {
    orders,
    atWork: (row) => several(say(words.at_work_of, { label: row.label, venue: row.venue }), [
      [words.lots, `/v1/ops/positions?open=true&${of(row.account_id)}`, columns(...LOT.filter((name) => name !== "side" && name !== "closed_at"))],
      [words.open_copies, `/v1/ops/copy-orders?user=${row.user_id}&${of(row.account_id)}${OPEN.map((state) => `&state=${state}`).join("")}`,
        () => [opensCopy, ...COPY.map((name) => column(name))]],
      [words.open_orders, `/v1/ops/orders?open=true&${of(row.account_id)}`, () => [opensCopy, ...ORDER.map((name) => column(name))]],
    ]).catch(failed),
    result: (row) => open(say(words.result_of, { label: row.label, venue: row.venue }), `/v1/ops/positions?${of(row.account_id)}`,
      columns(...LOT.filter((name) => name !== "side"))).catch(failed),
    followings: (title, query) => open(title, `/v1/ops/followings?${query}`, columns(...FOLLOWING)).catch(failed),
    delays: (row) => open(say(words.delays_of, { label: row.label }), `/v1/ops/delays?${of(row.account_id)}`,
      () => [opensCopy, ...["ms", "decided_at", "leader", "side", "state"].map((name) => column(name))]).catch(failed),
    today: (row) => {
      const midnight = new Date(new Date().setUTCHours(0, 0, 0, 0)).toISOString();
      return orders(say(words.today_of, { label: row.label }), `side=BUY&from=${encodeURIComponent(midnight)}&${of(row.account_id)}`);
    },
    // The audits stand a tap further.
    twice: (audits) => several(words.bought_twice, [
      [words.bought_twice_orders, "/v1/ops/orders?twice=true", () => [opensCopy, ...ORDER.map((name) => column(name))]],
    ], made("p", {}, made("button", { type: "button", onclick: audits }, words.audit))).catch(failed),
    trades: (row) => open(row.label ?? row.wallet, `/v1/ops/leaders/${row.wallet}/trades`, columns(...TRADE)).catch(failed),
    gaps: (row) => several(say(words.gaps_of, { leader: row.label ?? row.wallet }), [
      [words.ledger_gaps, `/v1/ops/leaders/${row.wallet}/gaps`, () => [...["outcome", "question", "gap"].map((name) => column(name)),
        column("ranges", { say: ranges }), column("token_id")]],
      [words.silences, "/v1/ops/silences", columns("first_block", "last_block", "blocks", "after", "until")],
    ]).catch(failed),
    skips: (row, valued) => open(say(words.skips_of, { reason: row.reason }), `/v1/ops/skips/${row.reason}${valued ? "?valued=true" : ""}`,
      () => [opensCopy, ...SKIP.map((name) => column(name))]).catch(failed),
    partition: async (part) => {
      const title = `${part.topic}, ${say(words.partition, { n: part.partition })}`;
      await open(title);
      const { oldest_unread: oldest, ...told } = await ask("GET", `/v1/ops/lags/${part.topic}/${part.partition}`);
      redraw(title, made("div", {}, table(words.offsets, columns(...OFFSETS)(), [told]), made("h3", {}, words.oldest_unread),
        oldest === null ? made("p", {}, words.empty) : table(words.oldest_unread, columns(...UNREAD)(), [oldest]),
        copying(words, () => ({ ...told, oldest_unread: oldest }), failed)));
    },
  };
}

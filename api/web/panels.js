// The panels: what is asked, how it is drawn, and when it is asked again.
"use strict";

import { bar, made, overTime, stacked, waterfall } from "./drawing.js";
import { figures } from "./figures.js";
import { copying, list, renew, shown, table } from "./lists.js";

const STAGES = ["classify", "copy_execution", "trading", "recommend"];
const STATES = ["filled", "partial", "unfilled", "unknown", "rejected", "skipped", "expired", "waiting", "planned", "submitting"];
// Milliseconds after which a panel is looked at again by itself.
const AGAIN = { history: 3000, latency: 10000, lags: 5000, skips: 60000, unknown: 15000, letters: 15000, followers: 30000, leaders: 30000, replays: 5000 };
const ENDS = [["copied", ["filled", "partial"]], ["skipped", ["skipped", "expired"]], ["failed", ["unfilled", "rejected"]]];
const HEAT = [1, 100, 1000];

export function panels({ ask, words, failed, open, redraw, say, at }) {
  let span = "15m";
  let since = null;
  const looked = {};
  const due = new Set();
  const column = (name, more = {}) => ({ name, label: words[`c_${name}`] ?? name.replaceAll("_", " "), ...more });
  const columnsOf = (items) => Object.keys(items[0] ?? {}).map((name) => column(name));
  const why = async (name) => {
    await open(name);
    const told = await ask("GET", `/v1/ops/copy-orders/${encodeURIComponent(name)}/why`);
    const checks = told.decision?.checks ?? [];
    redraw(name, made("div", {}, made("p", {}, made("strong", {}, told.sentence)),
      checks.length ? table(words.checks, columnsOf(checks), checks) : null,
      copying(words, () => told, failed),
      made("pre", { tabindex: "0", role: "region", "aria-label": words.whole }, JSON.stringify(told, null, 2))));
  };
  const copyColumns = () => [
    column("copy_order_id", { press: (copy) => why(copy.copy_order_id).catch(failed) }),
    ...["decided_at", "user_id", "leader", "side", "outcome", "question", "state", "reason", "usdc", "realised_usdc"].map((name) => column(name)),
  ];
  const copies = (title, query) => open(title, `/v1/ops/copy-orders?${query}`, copyColumns).catch(failed);
  const from = (at) => `from=${encodeURIComponent(at)}`;
  const ago = (hours) => from(new Date(Date.now() - hours * 3600_000).toISOString());
  const number = (label, text, press, bad = false) => made("li", { class: bad ? "bad" : null },
    made("span", {}, label),
    press ? made("button", { type: "button", class: "number", "aria-label": `${label}: ${text}`, onclick: press }, text) : made("strong", {}, text));

  const behind = figures({ ask, words, failed, open, redraw, say, column, why });
  const show = {
    unknown: () => open(words.unknown, "/v1/ops/unknown", columnsOf).catch(failed),
    letters: () => open(words.letters, "/v1/ops/dead-letters?state=dead", columnsOf).catch(failed),
    followers: () => open(words.followers, "/v1/ops/followers", columnsOf).catch(failed),
    armed: () => open(words.armed, "/v1/ops/followers?armed=true", columnsOf).catch(failed),
    lags: () => open(words.lags, "/v1/ops/lags", columnsOf).catch(failed),
    audit: () => open(words.audit, "/v1/ops/audit", columnsOf).catch(failed),
    waiting: () => open(words.notices_waiting, "/v1/ops/notices", columnsOf).catch(failed),
    failed: () => open(words.notices_failed, "/v1/ops/notices?failed=true", columnsOf).catch(failed),
    versions: () => versions().catch(failed),
  };

  function strip(picture) {
    const seconds = (value) => (value === null ? "–" : say(words.seconds, { n: Number(value).toFixed(1) }));
    const [unknown, letters, twice] = [picture.unknown, picture.dead_letters, picture.bought_twice];
    const hour = STATES.filter((state) => picture.hour[state] !== undefined).map((state) =>
      number(say(words.hour_of, { state }), String(picture.hour[state]), () => copies(say(words.hour_of, { state }), `state=${state}&${ago(1)}`)));
    const numbers = [
      number(words.venue, picture.armed > 0 && picture.live_allowed ? "🔴 LIVE" : "📄 PAPER", show.followers),
      number(words.armed, String(picture.armed), show.armed),
      number(words.lag, seconds(picture.behind_seconds), show.lags, Number(picture.behind_seconds) > 5),
      number(words.oldest_unknown, seconds(picture.oldest_unknown_seconds), show.unknown, Number(picture.oldest_unknown_seconds) > 120),
      number(words.unknown, String(unknown), show.unknown, unknown > 0),
      number(words.letters, String(letters), show.letters, letters > 0),
      number(words.bought_twice, String(twice), () => behind.twice(show.audit), twice !== 0),
      number(words.notices_waiting, String(picture.notices_waiting), show.waiting),
      number(words.oldest_notice, seconds(picture.oldest_notice_seconds), show.waiting, Number(picture.oldest_notice_seconds) > 60),
      number(words.notices_failed, String(picture.notices_failed), show.failed, picture.notices_failed > 0),
      number(words.exchange, picture.exchange, show.unknown, picture.exchange === "away"),
      number(words.version, picture.version, show.versions),
      ...hour,
    ];
    const place = at("numbers");
    numbers.forEach((fresh, index) => {
      const now = place.children[index];
      // What has not changed stays, and with it the focus of who is there.
      if (!now) place.append(fresh);
      else if (now.textContent !== fresh.textContent || now.className !== fresh.className) {
        const focused = now.contains(document.activeElement);
        now.replaceWith(fresh);
        if (focused) fresh.querySelector("button")?.focus();
      }
    });
    while (place.children.length > numbers.length) place.lastChild.remove();
  }

  async function versions() {
    await open(words.version);
    const { marks } = await ask("GET", "/v1/ops/history?window=7d");
    redraw(words.version, made("div", {}, marks.length ? table(words.marks, ["at", "kind", "text"].map((name) => column(name)), marks)
      : made("p", {}, words.empty), copying(words, () => marks, failed)));
  }

  function steps(history) {
    const count = Math.ceil((Date.parse(history.as_of) - Date.parse(history.since)) / 1000 / history.step_seconds);
    const index = (moment) => Math.min(count - 1, Math.floor((Date.parse(moment) - Date.parse(history.since)) / 1000 / history.step_seconds));
    return { count, index };
  }

  async function history() {
    const told = await ask("GET", `/v1/ops/history?window=${span}`);
    const { count, index } = steps(told);
    const marks = told.marks.map((mark) => ({ at: Math.max(0, index(mark.at)) / Math.max(1, count - 1), text: mark.text }));
    renew(at("rates"), ...STAGES.map((stage) => {
      const [taken, given] = [Array(count).fill(0), Array(count).fill(0)];
      for (const rate of told.rates) if (rate.stage === stage) {
        taken[index(rate.at)] += rate.taken / told.step_seconds;
        given[index(rate.at)] += rate.given / told.step_seconds;
      }
      // The last step of time has only begun; the one before it is whole.
      const whole = Math.max(0, count - 2);
      const text = say(words.rate, { stage, taken: taken[whole].toFixed(2), given: given[whole].toFixed(2) });
      const rows = taken.map((each, step) => ({ at: new Date(Date.parse(told.since) + step * told.step_seconds * 1000).toISOString(),
        taken: each.toFixed(3), given: given[step].toFixed(3) })).reverse();
      const opened = () => open(stage, made("div", {}, table(text, ["at", "taken", "given"].map((name) => column(name)), rows),
        copying(words, () => rows, failed)));
      return made("div", { class: "picture" }, made("button", { type: "button", class: "plain", "data-key": `rate-${stage}`, onclick: opened }, text),
        overTime(text, [{ name: "in", values: taken }, { name: "out", values: given }], marks));
    }));
    renew(at("marks"), made("ul", {}, ...(told.marks.length ? told.marks.map((mark) => made("li", {}, `${mark.at} ${words[`mark_${mark.kind}`]} ${mark.text}`))
      : [made("li", {}, words.empty)])), copying(words, () => told.marks, failed));
    drawCopies(told, count, index);
  }

  function drawCopies(told, count, index) {
    const columns = Array.from({ length: count }, () => STATES.map((name) => ({ name, label: name, value: 0 })));
    const [byState, byReason] = [new Map(), new Map()];
    for (const each of told.copies) {
      columns[Math.max(0, index(each.at))][STATES.indexOf(each.state)].value += each.copies;
      byState.set(each.state, (byState.get(each.state) ?? 0) + each.copies);
      if (each.reason) byReason.set(each.reason, (byReason.get(each.reason) ?? 0) + each.copies);
    }
    const legend = made("div", { class: "row" }, ...STATES.filter((state) => byState.has(state)).map((state) =>
      made("button", { type: "button", "data-key": `state-${state}`, onclick: () => copies(state, `state=${state}&${from(told.since)}`) }, `${state} ${byState.get(state)}`)));
    renew(at("states"), stacked(words.states, columns), legend, copying(words, () => told.copies, failed));
    const share = told.total ? (100 * told.answered / told.total).toFixed(1) : "–";
    at("answered").textContent = say(words.answered, { answered: told.answered, total: told.total, share });
    const reasons = [...byReason].sort((one, other) => other[1] - one[1]).map(([reason, number]) => ({ reason, copies: number }));
    const most = Math.max(1, ...reasons.map((row) => row.copies));
    place("reasons", words.reasons, [column("reason", { press: (row) => copies(row.reason, `reason=${row.reason}&${from(told.since)}`) }),
      column("copies", { say: (row) => made("span", {}, bar(row.copies / most), String(row.copies)),
        press: (row) => copies(row.reason, `reason=${row.reason}&${from(told.since)}`) })], reasons);
    since = told.since;
  }

  // Minute by minute over the window; a minute's number opens its copies, a state's only those.
  function minutes() {
    const within = (row) => `${from(row.at)}&to=${encodeURIComponent(new Date(Date.parse(row.at) + 60_000).toISOString())}`;
    const parts = (row) => made("div", { class: "row" }, ...STATES.filter((state) => row.states[state]).map((state) => made("button", {
      type: "button", class: "plain", onclick: () => copies(`${row.at} ${state}`, `state=${state}&${within(row)}`) }, `${state} ${row.states[state]}`)));
    return open(words.by_minute, `/v1/ops/copies-by-minute?window=${span}&limit=60`, () => [column("at"),
      column("copies", { press: (row) => copies(row.at, within(row)) }), column("states", { say: parts })]).catch(failed);
  }

  function place(id, caption, columns, items) {
    if (at(id).contains(document.activeElement)) return;
    at(id).replaceChildren(items.length ? table(caption, columns, items) : made("p", {}, words.empty), copying(words, () => items, failed));
  }

  const slowest = (row, day = "") => open(say(words.slowest, { step: words[`step_${row.step}`] }), `/v1/ops/slowest?step=${row.step}${day}`,
    () => [column("copy_order_id", { press: (copy) => why(copy.copy_order_id).catch(failed) }),
      ...["ms", "decided_at", "user_id", "leader", "side", "state"].map((name) => column(name))]).catch(failed);

  async function latency() {
    const told = await ask("GET", "/v1/ops/latency");
    const before = new Map(told.yesterday.map((step) => [step.step, step]));
    const ms = (value) => (value === undefined ? "–" : say(words.ms, { n: Number(value).toFixed(0) }));
    const rows = told.now.map((step) => ({ ...step, yesterday: before.get(step.step) }));
    at("waterfall").replaceChildren(rows.length ? waterfall(words.latency, rows.map((row) => ({
      label: words[`step_${row.step}`], now: Number(row.p50_ms), before: row.yesterday && Number(row.yesterday.p50_ms), said: ms(row.p50_ms),
    }))) : made("p", {}, words.empty));
    const three = (step) => (step ? ["p50_ms", "p95_ms", "p99_ms"].map((name) => ms(step[name])).join(" / ") : "–");
    place("latency", words.latency, [
      column("step", { say: (row) => words[`step_${row.step}`], press: (row) => slowest(row) }),
      column("copies", { press: (row) => slowest(row) }), column("now", { say: three, press: (row) => slowest(row) }),
      column("yesterday", { say: (row) => three(row.yesterday), press: (row) => slowest(row, "&yesterday=true") }),
    ], rows);
  }

  async function lags() {
    const told = await ask("GET", "/v1/ops/lags");
    const rows = new Map();
    for (const each of told) rows.set(each.topic, [...(rows.get(each.topic) ?? []), each]);
    renew(at("lags"), ...[...rows].map(([topic, parts]) => made("div", { class: "heat" },
      made("b", {}, made("button", { type: "button", class: "plain", "data-key": `lag-${topic}`, onclick: show.lags }, topic)),
      ...parts.map((part) => {
        const name = say(words.partition, { n: part.partition });
        return made("button", {
          type: "button", class: `cell heat-${part.behind === null ? 4 : HEAT.filter((least) => part.behind >= least).length}`, title: name,
          "aria-label": `${topic}, ${name}: ${shown(part.behind)}`, "data-key": `lag-${topic}-${part.partition}`,
          onclick: () => behind.partition(part).catch(failed),
        }, shown(part.behind));
      }))), copying(words, () => told, failed));
  }

  const inline = (id, path, columns) => async () => {
    if (at(id).contains(document.activeElement)) return;
    await list(at(id), { ask, words, failed, caption: words[id], path, columns: () => columns });
  };
  const asks = {
    history, latency, lags,
    skips: async () => {
      const items = await ask("GET", "/v1/ops/skips");
      place("skips", words.skips, [column("reason", { press: (row) => behind.skips(row) }), column("copies", { press: (row) => behind.skips(row) }),
        ...["valued", "would_be_usdc"].map((name) => column(name, { press: (row) => behind.skips(row, true) }))], items);
    },
    unknown: inline("unknown", "/v1/ops/unknown", [
      column("copy_order_id", { press: (row) => row.copy_order_id && why(row.copy_order_id).catch(failed) }),
      ...["age_seconds", "order_hash", "posts", "looks", "looked_at", "cause", "words", "account_id", "venue", "side"].map((name) => column(name))]),
    followers: inline("followers", "/v1/ops/followers", [
      column("label", { press: (row) => copies(row.label, `user=${row.user_id}`) }),
      column("venue"), column("followings", { press: (row) => behind.followings(row.label, `account=${encodeURIComponent(row.account_id)}`) }),
      column("at_work_usdc", { press: behind.atWork }),
      ...ENDS.map(([name, states]) => column(name, { press: (row) => copies(`${row.label} ${words[`c_${name}`]}`,
        `user=${row.user_id}&account=${encodeURIComponent(row.account_id)}&${ago(24)}${states.map((state) => `&state=${state}`).join("")}`) })),
      column("realised_usdc", { press: behind.result }), column("delay_p95_seconds", { press: behind.delays }),
      column("day_cap_usdc", { press: behind.today })]),
    leaders: inline("leaders", "/v1/ops/leaders", [
      column("label", { say: (row) => row.label ?? row.wallet, press: (row) => copies(row.label ?? row.wallet, `wallet=${row.wallet}`) }),
      column("followers", { press: (row) => behind.followings(row.label ?? row.wallet, `wallet=${row.wallet}`) }), column("trades", { press: behind.trades }),
      column("answered", { say: (row) => (row.due ? `${(100 * row.answered / row.due).toFixed(1)} %` : "–"),
        press: (row) => copies(row.label ?? row.wallet, `wallet=${row.wallet}&${ago(24)}`) }),
      column("gaps", { press: behind.gaps }),
      column("value_known_since"), column("ledger", { say: (row) => (row.unsure ? words.unsure : words.sure) })]),
  };
  const about = { copy: ["history"], unknown: ["unknown", "history"], dead_letter: ["letters"], switch: ["history"], replay: ["replays"] };
  at("answered").addEventListener("click", () => copies(words.copies, since === null ? "" : from(since)));
  at("minutes").addEventListener("click", minutes);

  async function look(name) {
    looked[name] = Date.now();
    due.delete(name);
    await asks[name]?.();
  }

  return {
    strip, why, open, show,
    add(name, again) { asks[name] = again; },
    look(window) { span = window; return look("history"); },
    all: () => Promise.all(Object.keys(asks).map((name) => look(name).catch(failed))),
    changed(name) { for (const panel of about[name] ?? []) due.add(panel); },
    again: (name) => look(name),
    // What is old is asked for anew, what changed at the latest a second later.
    renew: () => Promise.all(Object.keys(asks).filter((name) => due.has(name) || Date.now() - (looked[name] ?? 0) >= AGAIN[name])
      .map((name) => look(name).catch(failed))),
  };
}

// What an operator does here: stops and allows buying, asks for a look at the exchange, mends dead letters. Each deed
// is asked for in a dialog that says what will happen; allowing is typed.
"use strict";

import { made } from "./drawing.js";
import { copying, table } from "./lists.js";

const ALLOW = "ALLOW";

export function deeds({ ask, words, failed, say, at, drawn, holdsToken }) {
  let carryOut = null;

  function input(name, label, more = {}) {
    return made("label", {}, `${label} `, made("input", { name, required: true, autocomplete: "off", ...more }));
  }

  // Asks in the dialog; deed(values) is carried out when it is confirmed, its refusal stands there.
  function confirm(title, text, fields, go, deed) {
    at("h-asked").textContent = title;
    at("asked-text").textContent = text;
    at("asked-fields").replaceChildren(...fields);
    at("asked-go").textContent = go;
    at("asked-said").textContent = "";
    carryOut = deed;
    at("asked").showModal();
  }

  at("asked-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(at("asked-form")));
    at("asked-go").disabled = true;
    try {
      await carryOut(values);
      at("asked").close();
    } catch (error) {
      at("asked-said").textContent = error.message;
    } finally {
      at("asked-go").disabled = false;
    }
  });
  at("asked-no").addEventListener("click", () => at("asked").close());

  const reason = () => input("reason", words.reason, { minlength: 1, maxlength: 200 });
  at("stop").addEventListener("click", () => confirm(words.stop_buys, words.stop_how, [reason()], words.stop_buys,
    (values) => ask("PUT", "/v1/ops/switches/buys", { stopped: true, reason: values.reason })));
  at("allow").addEventListener("click", () => {
    if (!holdsToken()) return failed(new Error(words.needs_token));
    return confirm(words.allow_buys, words.allow_how, [reason(), input("typed", words.type_allow, { pattern: ALLOW })], words.allow_buys,
      (values) => ask("PUT", "/v1/ops/switches/buys", { stopped: false, reason: values.reason }));
  });
  at("reconcile").addEventListener("click", () => {
    if (!holdsToken()) return failed(new Error(words.needs_token));
    const key = crypto.randomUUID();
    return confirm(words.reconcile, words.reconcile_how, [], words.reconcile, async () => {
      await ask("POST", "/v1/ops/reconcile", {}, key);
      await drawn.again("unknown");
    });
  });

  async function letters() {
    if (at("letters").contains(document.activeElement)) return;
    const items = (await ask("GET", "/v1/ops/dead-letters?limit=100")).items;
    const groups = new Map();
    for (const letter of items) groups.set(letter.reason, [...(groups.get(letter.reason) ?? []), letter]);
    at("letters").replaceChildren(...(items.length ? [...groups].map(([name, some]) => group(name, some)) : [made("p", {}, words.empty)]),
      copying(words, () => items, failed));
  }

  function group(name, some) {
    const first = some.reduce((one, letter) => (letter.first_seen_at < one ? letter.first_seen_at : one), some[0].first_seen_at);
    const last = some.reduce((one, letter) => (letter.last_seen_at > one ? letter.last_seen_at : one), some[0].last_seen_at);
    const place = (letter) => `${letter.topic}/${letter.partition}/${letter.offset}`;
    const columns = [
      { name: "place", label: words.c_place, say: place }, { name: "detail", label: words.c_detail }, { name: "stage", label: words.c_stage },
      { name: "state", label: words.c_state },
      { name: "last_seen_at", label: words.c_last_seen_at },
      { name: "body", label: words.c_body, say: (letter) => made("details", {}, made("summary", {}, say(words.bytes, { n: letter.size })),
        made("pre", { tabindex: "0", role: "region", "aria-label": words.c_body }, letter.body),
        made("pre", { tabindex: "0", role: "region", "aria-label": words.hex }, letter.body_hex)) },
    ];
    return made("div", {}, made("h3", {}, say(words.letters_of, { reason: name, n: some.length })),
      made("p", {}, say(words.first_last, { first, last })),
      made("div", { class: "row" }, made("button", { type: "button", onclick: () => plan(name).catch(failed) }, words.plan_redrive),
        made("button", { type: "button", onclick: () => putAway(some.filter((letter) => (letter.state ?? "dead") === "dead")) }, words.quarantine)),
      table(name, columns, some));
  }

  // A plan sends nothing; it says how many, where to, and what can come of it. Then one, ten, or all.
  async function plan(name) {
    if (!holdsToken()) throw new Error(words.needs_token);
    const told = await ask("POST", "/v1/ops/dead-letters/plan", { reason: name });
    const targets = Object.entries(told.targets).map(([topic, n]) => `${topic} ${n}`).join(", ") || "–";
    const text = say(words.plan_how, { n: told.letters.length, targets, held: told.held_back.length, orders: told.orders_most });
    const paces = [["one", words.redrive_one], ["canary", words.redrive_ten], ["ramp", words.redrive_all]];
    const choice = made("select", { name: "pace" }, ...paces.map(([value, label]) => made("option", { value }, label)));
    const key = crypto.randomUUID();
    confirm(words.plan_redrive, text, [made("label", {}, `${words.how_many} `, choice)], words.redrive, async (values) => {
      await ask("POST", "/v1/ops/dead-letters/redrive", { plan_id: told.plan_id, pace: values.pace }, `${key}-${values.pace}`);
      await drawn.again("letters");
    });
  }

  function putAway(some) {
    if (!holdsToken()) return failed(new Error(words.needs_token));
    const key = crypto.randomUUID();
    return confirm(words.quarantine, say(words.quarantine_how, { n: some.length }), [input("note", words.note, { maxlength: 200 })],
      words.quarantine, async (values) => {
        const letters = some.map((letter) => letter.letter_id);
        await ask("POST", "/v1/ops/dead-letters/quarantine", { letters, note: values.note }, key);
        await drawn.again("letters");
      });
  }
  drawn.add("letters", letters);

  return {
    switched(picture) {
      at("stop").hidden = picture.buys_stopped;
      at("allow").hidden = !picture.buys_stopped;
      const note = picture.buys_stopped ? say(words.buys_stopped, { note: picture.buys_note ?? "" }) : words.buys_allowed;
      if (at("switch-note").textContent !== note) at("switch-note").textContent = note;
    },
  };
}

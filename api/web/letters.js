// Dead letters: the inbox by reason, each letter with its bytes and its history, past redrives; planned, redriven, put
// away. A plan sends nothing; it says how many, where to, and what can come of it.
"use strict";

import { made } from "./drawing.js";
import { copying, renew, table } from "./lists.js";

const DEAD = "dead";
const REDRIVABLE = [DEAD, "quarantined", "redriven"];
const PAST = ["redrive_id", "asked_at", "asked_by", "pace", "state", "letters", "sent", "redriven", "repeated", "cause"];
const CHANGES = ["at", "from_state", "to_state", "who", "note", "redrive_id"];

export function letters({ ask, words, failed, say, at, drawn, open, redraw, asked }) {
  const column = (name) => ({ name, label: words[`c_${name}`] ?? name });
  const placeOf = (letter) => `${letter.topic}/${letter.partition}/${letter.offset}`;
  const button = (name, key, label, onclick) => made("button", { type: "button", "data-key": `${name}-${key}`, onclick }, label);
  const LISTED = ["detail", "stage", "state", "note", "first_seen_at", "last_seen_at"];
  const listed = (title, query) => open(title, `/v1/ops/dead-letters?${query}`,
    () => [{ ...column("place"), say: placeOf, press: (letter) => show(letter).catch(failed) }, ...LISTED.map(column)]).catch(failed);
  // How many went, stayed gone and came back: each opens those letters as they are now.
  const counts = { letters: "", sent: "", redriven: "&state=redriven", repeated: "&state=repeated" };
  const pastColumn = (name) => (counts[name] === undefined ? column(name) : { ...column(name),
    press: (past) => listed(`${past.redrive_id} ${column(name).label}`, `redrive=${past.redrive_id}${counts[name]}`) });
  const bytesOf = (letter) => made("details", { "data-key": `bytes-${letter.letter_id}` }, made("summary", {}, say(words.bytes, { n: letter.size })),
    made("pre", { tabindex: "0", role: "region", "aria-label": words.c_body }, letter.body),
    made("pre", { tabindex: "0", role: "region", "aria-label": words.hex }, letter.body_hex));

  async function look() {
    const [inbox, groups, past] = await Promise.all([
      ask("GET", "/v1/ops/dead-letters?limit=100"), ask("GET", "/v1/ops/dead-letters/reasons"),
      ask("GET", "/v1/ops/dead-letters/redrives"),
    ]);
    const shownOf = (reason) => inbox.items.filter((letter) => letter.reason === reason);
    const reasons = [...new Set(groups.items.map((each) => each.reason))];
    renew(at("letters"), ...(reasons.length ? reasons.map((reason) =>
      group(reason, groups.items.filter((each) => each.reason === reason), shownOf(reason))) : [made("p", {}, words.empty)]),
      copying(words, () => inbox.items, failed));
    renew(at("redrives"), past.items.length ? table(words.redrives, PAST.map(pastColumn), past.items) : made("p", {}, words.empty),
      copying(words, () => past.items, failed));
  }

  function group(reason, causes, some) {
    const sum = (name) => causes.reduce((whole, each) => whole + each[name], 0);
    const first = causes.map((each) => each.first_at).sort()[0];
    const last = causes.map((each) => each.last_at).sort().at(-1);
    const columns = [
      { ...column("place"), say: placeOf }, column("detail"), column("stage"), column("state"), column("first_seen_at"),
      column("last_seen_at"), { ...column("body"), say: bytesOf },
      { ...column("deeds"), say: (letter) => button("letter", letter.letter_id, words.history, () => show(letter).catch(failed)) },
    ];
    const dead = some.filter((letter) => letter.state === DEAD);
    return made("div", {}, made("h3", {}, say(words.letters_of, { reason, n: sum("letters"), all: sum("all") })),
      made("p", {}, say(words.first_last, { first, last })),
      made("div", { class: "row" },
        button("plan", reason, words.plan_redrive, () => plan({ reason }, null).catch(failed)),
        dead.length ? button("away", reason, words.quarantine, () => putAway(dead.map((letter) => letter.letter_id))) : null,
        button("all", reason, words.whole_list, () => listed(reason, `reason=${reason}`))),
      table(reason, columns, some));
  }

  // One letter: what it is, what was done about it, and what can be done now.
  async function show(one) {
    await open(placeOf(one));
    return drawLetter(one);
  }

  async function drawLetter(one) {
    const name = one.letter_id;
    const letter = await ask("GET", `/v1/ops/dead-letters/${name}`);
    const again = () => drawLetter(one).catch(failed);
    const facts = ["state", "note", "became", "came_of", "detail"].filter((fact) => letter[fact]).map((fact) => made("p", {},
      `${column(fact).label}: `, made("strong", { "data-fact": fact }, letter[fact])));
    redraw(placeOf(letter), made("div", {}, ...facts, bytesOf(letter),
      made("h3", {}, words.history),
      letter.history.length ? table(words.history, CHANGES.map(column), letter.history) : made("p", {}, words.empty),
      made("div", { class: "row" },
        REDRIVABLE.includes(letter.state) ? button("one", name, words.redrive_letter, () => plan({ letters: [name] }, again).catch(failed)) : null,
        letter.state === "redriving" || letter.state === "repeated" ? null : button("put", name, words.quarantine, () => putAway([name], again)),
        button("look", name, words.look_again, again),
        copying(words, () => letter, failed))));
  }

  async function plan(which, after) {
    if (!asked.allowed()) return;
    const told = await ask("POST", "/v1/ops/dead-letters/plan", which);
    const targets = Object.entries(told.targets).map(([topic, n]) => `${topic} ${n}`).join(", ") || "–";
    const text = [say(words.plan_how, { n: told.letters.length, targets, held: told.held_back.length, orders: told.orders_most }),
      ...told.held_back.slice(0, 5).map((held) => `${held.letter_id}: ${held.why}.`)].join(" ");
    const paces = [["one", words.redrive_one], ["canary", words.redrive_ten], ["ramp", words.redrive_all]].slice(0, which.letters ? 1 : 3);
    const key = crypto.randomUUID();
    asked.confirm(words.plan_redrive, text, [], told.letters.length ? paces : [], async (values) => {
      await ask("POST", "/v1/ops/dead-letters/redrive", { plan_id: told.plan_id, pace: values.go }, `${key}-${values.go}`);
      await drawn.again("letters");
      after?.();
    });
  }

  function putAway(names, after) {
    if (!asked.allowed()) return;
    const key = crypto.randomUUID();
    asked.confirm(words.quarantine, say(words.quarantine_how, { n: names.length }), [asked.note()], words.quarantine, async (values) => {
      await ask("POST", "/v1/ops/dead-letters/quarantine", { letters: names, note: values.note }, key);
      await drawn.again("letters");
      after?.();
    });
  }
  drawn.add("letters", look);
}

// Replay runs: which window was decided again by which code, how far it is, what differs by reason; opened and halted.
"use strict";

import { made } from "./drawing.js";
import { copying, renew, table } from "./lists.js";

const ENDED = ["aborted", "done"];

export function replays({ ask, words, failed, say, at, drawn, open, asked }) {
  const column = (name, more = {}) => ({ name, label: words[`c_${name}`] ?? name, ...more });
  const windowOf = (run) => `${run.topic} ${Object.entries(run.offsets).map(([part, [first, behind]]) =>
    `${part}: ${first}–${run.kind === "follow" ? "…" : behind}`).join(", ")}`;
  const changed = (run) => Object.entries(run.choice.settings ?? {}).map(([name, value]) => `${name}=${value}`).join(" ");

  function standing(run) {
    const how = run.wanted === "abort" && !ENDED.includes(run.state) ? words.halting : run.state;
    return run.halted_by === null ? how : `${how} (${run.halted_by}: ${run.halted_why})`;
  }

  function differing(run) {
    if (run.by_reason.length === 0) return "0";
    return made("ul", { class: "plain" }, ...run.by_reason.map((each) => made("li", {}, made("button", {
      type: "button", class: "plain", "data-key": `diff-${run.name}-${each.what}-${each.then}-${each.now}`,
      onclick: () => differences(run, each).catch(failed),
    }, `${each.then} → ${each.now}: ${each.number}`))));
  }

  const differences = (run, only) => open(say(words.diff_of, { run: run.name }),
    `/v1/ops/replays/${run.name}/diff${only ? `?then=${only.then}&now=${only.now}` : ""}`, () => [
      column("name", { press: (each) => each.what === "decision" && drawn.why(each.name).catch(failed) }),
      ...["leader", "then"].map((name) => column(name)), column("now", { label: words.is_now }),
      ...["differ", "then_decided", "now_decided", "decided_at"].map((name) => column(name)),
      column("place", { say: (each) => `${run.topic}/${each.partition}/${each.offset}` }),
    ]);

  function halt(run) {
    if (!asked.allowed()) return;
    const key = crypto.randomUUID();
    asked.confirm(`${words.halt} ${run.name}`, words.halt_how, [asked.reason()], words.halt, async (values) => {
      await ask("POST", `/v1/ops/replays/${run.name}/halt`, { reason: values.reason }, key);
      await drawn.again("replays");
    });
  }

  function deedsOf(run) {
    const button = (name, label, onclick, more = {}) => made("button", {
      type: "button", "data-key": `${name}-${run.name}`, "aria-label": `${label}: ${run.name}`, onclick, ...more }, label);
    return made("div", { class: "row" }, button("open", words.open_diff, () => differences(run, null).catch(failed)),
      ENDED.includes(run.state) ? null : button("halt", words.halt, () => halt(run), { class: "danger" }));
  }

  async function look() {
    const { items } = await ask("GET", "/v1/ops/replays");
    const columns = [
      column("name"), column("window", { say: (run) => [windowOf(run), changed(run)].filter(Boolean).join(" · ") }), column("code"),
      column("state", { say: standing }), column("done_of", { say: (run) => `${run.done} / ${run.total}` }),
      column("differing", { say: differing }), column("begun_at"), column("deeds", { say: deedsOf }),
    ];
    renew(at("replays"), items.length ? table(words.replays, columns, items) : made("p", {}, words.empty),
      copying(words, () => items, failed));
  }
  drawn.add("replays", look);
}

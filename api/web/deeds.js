// What an operator does about buying and about unknown orders: stops, allows, asks for a look at the exchange. Each deed
// is asked for in a dialog that says what will happen; allowing is typed.
"use strict";

const ALLOW = "ALLOW";

export function deeds({ ask, words, say, at, drawn, asked }) {
  const { confirm, input, reason, allowed } = asked;
  const put = (stopped) => (values) => ask("PUT", "/v1/ops/switches/buys", { stopped, reason: values.reason });
  at("stop").addEventListener("click", () => confirm(words.stop_buys, words.stop_how, [reason()], words.stop_buys, put(true)));
  at("allow").addEventListener("click", () => allowed() && confirm(words.allow_buys, words.allow_how,
    [reason(), input("typed", words.type_allow, { pattern: ALLOW })], words.allow_buys, put(false)));
  at("reconcile").addEventListener("click", () => {
    if (!allowed()) return;
    const key = crypto.randomUUID();
    confirm(words.reconcile, words.reconcile_how, [], words.reconcile, async () => {
      await ask("POST", "/v1/ops/reconcile", {}, key);
      await drawn.again("unknown");
    });
  });

  return {
    switched(picture) {
      at("stop").hidden = picture.buys_stopped;
      at("allow").hidden = !picture.buys_stopped;
      const note = picture.buys_stopped ? say(words.buys_stopped, { note: picture.buys_note ?? "" }) : words.buys_allowed;
      if (at("switch-note").textContent !== note) at("switch-note").textContent = note;
    },
  };
}

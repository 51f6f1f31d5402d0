// The dialog in which each deed is asked for: what will happen, what must be said, and one button or several to do it.
"use strict";

import { made } from "./drawing.js";
import { keyOf } from "./lists.js";

export function asking({ words, at, failed, holdsToken }) {
  let carryOut = null;
  let opener = null;

  function input(name, label, more = {}) {
    return made("label", {}, `${label} `, made("input", { name, required: true, autocomplete: "off", ...more }));
  }

  // gos: a label, or several [value, label]; deed(values) is carried out when it is confirmed, values.go says with which
  // button. Its refusal stands in the dialog.
  function confirm(title, text, fields, gos, deed) {
    const buttons = Array.isArray(gos) ? gos : [["go", gos]];
    at("h-asked").textContent = title;
    at("asked-text").textContent = text;
    at("asked-fields").replaceChildren(...fields);
    at("asked-gos").replaceChildren(...buttons.map(([value, label]) => made("button", { value }, label)));
    at("asked-said").textContent = "";
    carryOut = deed;
    opener = keyOf(document.activeElement);
    at("asked").showModal();
  }

  at("asked-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const values = { ...Object.fromEntries(new FormData(at("asked-form"))), go: event.submitter?.value ?? "go" };
    const buttons = [...at("asked-gos").children];
    for (const each of buttons) each.disabled = true;
    try {
      await carryOut(values);
      at("asked").close();
    } catch (error) {
      at("asked-said").textContent = error.message;
    } finally {
      for (const each of buttons) each.disabled = false;
    }
  });
  at("asked-no").addEventListener("click", () => at("asked").close());
  // What opened it may have been drawn anew meanwhile, or be gone with what was done: the focus is never lost.
  at("asked").addEventListener("close", () => {
    const here = document.activeElement;
    if (here !== document.body && !at("asked").contains(here)) return;
    const again = [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === opener);
    (again ?? (at("opened").open ? at("close") : at("main"))).focus();
  });

  return {
    confirm, input,
    reason: () => input("reason", words.reason, { minlength: 3, maxlength: 300 }),
    note: () => input("note", words.note, { minlength: 3, maxlength: 300 }),
    // Whether the operators' token is there; says that it is needed where it is not.
    allowed() {
      if (!holdsToken() && at("opened").open) confirm(words.sign_in, words.needs_token, [], [], null);
      else if (!holdsToken()) failed(new Error(words.needs_token));
      return holdsToken();
    },
  };
}

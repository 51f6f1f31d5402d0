// Lists as tables: a caption for who does not see it, [Copy as JSON] for each, older rows by the API's own cursor.
"use strict";

import { made } from "./drawing.js";

export function shown(value) {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

// columns: [{name, label, say?, press?}]; press(item) makes the cell a button.
export function table(caption, columns, items) {
  const head = made("tr", {}, ...columns.map((column) => made("th", { scope: "col" }, column.label)));
  const rows = items.map((item) => made("tr", {}, ...columns.map((column) => made("td", {}, cell(column, item)))));
  return made("div", { class: "table", tabindex: "0", role: "region", "aria-label": caption },
    made("table", {}, made("caption", { hidden: true }, caption), made("thead", {}, head), made("tbody", {}, ...rows)));
}

function cell(column, item) {
  const text = column.say ? column.say(item) : shown(item[column.name]);
  if (!column.press) return text;
  return made("button", { type: "button", class: "plain", onclick: () => column.press(item) }, text);
}

// What an element is called from one drawing to the next.
export function keyOf(element) {
  return element?.dataset?.key ?? element?.getAttribute?.("aria-label") ?? element?.textContent ?? null;
}

// Draws a place anew without taking anything from who is there: focus, opened details, a text that
// is being marked, the word that it was copied.
export function renew(place, ...within) {
  const marked = getSelection();
  if (marked && !marked.isCollapsed && place.contains(marked.anchorNode)) return;
  if (place.querySelector("[data-copied]")) return;
  const focused = place.contains(document.activeElement) ? keyOf(document.activeElement) : null;
  const opened = new Set([...place.querySelectorAll("details[open]")].map(keyOf));
  place.replaceChildren(...within.filter((each) => each !== null));
  for (const each of place.querySelectorAll("details")) each.open = opened.has(keyOf(each));
  if (focused === null) return;
  [...place.querySelectorAll("button, summary, [tabindex]")].find((each) => keyOf(each) === focused)?.focus();
}

export function copying(words, items, failed) {
  return made("button", {
    type: "button",
    onclick: async (event) => {
      const button = event.currentTarget;
      try {
        await copied(JSON.stringify(items(), null, 2));
        button.textContent = words.copied;
        button.dataset.copied = "";
        setTimeout(() => {
          button.textContent = words.copy_json;
          delete button.dataset.copied;
        }, 2000);
      } catch (error) {
        failed(error);
      }
    },
  }, words.copy_json);
}

async function copied(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Without TLS a page has no clipboard of its own.
  const area = made("textarea", { "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  return undefined;
}

// A list of the API in a place: the first page now, older ones when asked for.
export async function list(place, { ask, words, failed, caption, path, columns }) {
  let items = [];
  let next = null;
  const draw = () => {
    const buttons = made("div", { class: "row" }, copying(words, () => items, failed));
    if (next) buttons.append(made("button", { type: "button", onclick: () => more().catch(failed) }, words.more));
    place.replaceChildren(items.length ? table(caption, columns(items), items) : made("p", {}, words.empty), buttons);
  };
  const more = async () => {
    const cursor = next ? `${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(next)}` : "";
    const answer = await ask("GET", path + cursor);
    items = items.concat(Array.isArray(answer) ? answer : answer.items);
    next = answer.next_cursor ?? null;
    draw();
  };
  await more();
  return items;
}

// The operators' console: signs in, listens, and draws each second what the API says. What signs in stays in this
// page's memory: a reload asks for it again, unless a session of the web page (a cookie no script reads) does.
"use strict";

import { asking } from "./asking.js";
import { deeds } from "./deeds.js";
import { made } from "./drawing.js";
import { letters } from "./letters.js";
import { list, renew } from "./lists.js";
import { panels } from "./panels.js";
import { replays } from "./replays.js";
import { listen } from "./stream.js";

const STALE_MS = 6000;
const words = JSON.parse(document.getElementById("words").dataset.words);
const at = (id) => document.getElementById(id);
let operator = null; // {token, name}, nowhere else
let stop = null;
let heard = null;
let picture = null;

export function say(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

function headers() {
  return operator === null ? {} : { Authorization: `Bearer ${operator.token}`, "Polycool-Operator": operator.name };
}

async function ask(method, path, body, key = crypto.randomUUID()) {
  const sent = { ...headers() };
  if (body !== undefined) sent["Content-Type"] = "application/json";
  if (method === "POST") sent["Idempotency-Key"] = key;
  const answer = await fetch(path, { method, headers: sent, body: body === undefined ? undefined : JSON.stringify(body), cache: "no-store" });
  const read = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) {
    const more = (read.errors ?? []).map((error) => `${error.field}: ${error.message}`).join("; ");
    throw Object.assign(new Error([read.detail, more].filter(Boolean).join(" ")), { status: answer.status });
  }
  return read;
}

function failed(error) {
  if (error.status === 401) return signInAgain();
  at("said").textContent = `${words.failed} ${error.message}`;
  at("said").hidden = false;
  // A dialog covers the page: who waits in it for what does not come reads there why.
  const waiting = at("opened-body").querySelector("[data-waiting]");
  if (waiting) waiting.textContent = at("said").textContent;
  return undefined;
}

function quiet() {
  at("said").textContent = "";
  at("said").hidden = true;
}

// A list or anything else in the dialog that all numbers open; without a path, for what `redraw` brings.
async function open(title, path, columns) {
  quiet();
  const again = at("opened").open && at("h-opened").textContent === title;
  // A place of its own: an answer that comes when something else has been opened is drawn nowhere.
  const within = path instanceof Node ? path : made("div", {}, made("p", { "data-waiting": "" }, words.loading));
  at("h-opened").textContent = title;
  if (again) renew(at("opened-body"), within);
  else at("opened-body").replaceChildren(within);
  if (!at("opened").open) at("opened").showModal();
  // What was pressed there is gone with what it opened.
  if (document.activeElement === document.body) at("close").focus();
  if (path === undefined || path instanceof Node) return undefined;
  return list(within, { ask, words, failed, caption: title, path, columns });
}

// What was asked for under that title, now that it has come. Closed meanwhile, or something else opened in its place: it
// is drawn nowhere, and nothing opens by itself.
function redraw(title, within) {
  if (at("opened").open && at("h-opened").textContent === title) renew(at("opened-body"), within);
}

const drawn = panels({ ask, words, failed, open, redraw, say, at });
const asked = asking({ words, at, failed, holdsToken: () => operator !== null });
const done = deeds({ ask, words, say, at, drawn, asked });
for (const panel of [letters, replays]) panel({ ask, words, failed, say, at, drawn, open, redraw, asked });

function told(name, data) {
  heard = Date.now();
  fresh();
  if (name === "pipeline") {
    picture = data;
    drawn.strip(data);
    done.switched(data);
  } else if (name === "reset") drawn.all().catch(failed);
  else if (name !== "beat") drawn.changed(name);
}

function fresh() {
  const silent = heard === null ? 0 : Date.now() - heard;
  const seconds = silent < 10_000 ? Math.floor(silent / 1000) : Math.floor(silent / 10_000) * 10;
  const text = silent >= STALE_MS ? say(words.no_news, { seconds }) : picture?.ready === false ? words.not_ready : words.live;
  if (silent >= STALE_MS) document.body.dataset.stale = "";
  else delete document.body.dataset.stale;
  // Said anew only when it is another text, or a screen reader would repeat it each second.
  if (heard !== null && at("news").textContent !== text) at("news").textContent = text;
}

// The picture that let somebody in is drawn at once, each later one as it is told.
function begin(first) {
  at("sign-in").hidden = true;
  at("panels").hidden = false;
  at("leave").hidden = false;
  at("who").textContent = operator === null ? words.by_session : operator.name;
  told("pipeline", first);
  stop?.();
  stop = listen("/v1/ops/events", headers, told, signInAgain);
  return drawn.all();
}

function signInAgain() {
  stop?.();
  stop = null;
  heard = null;
  operator = null;
  delete document.body.dataset.stale;
  at("news").textContent = "";
  at("panels").hidden = true;
  at("leave").hidden = true;
  at("who").textContent = "";
  for (const each of document.querySelectorAll("dialog[open]")) each.close();
  at("sign-in").hidden = false;
  at("sign-in-form").elements.name.focus();
}

at("sign-in-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  operator = { token: form.elements.token.value.trim(), name: form.elements.name.value };
  form.elements.token.value = "";
  let first;
  try {
    first = await ask("GET", "/v1/ops/pipeline");
  } catch (error) {
    operator = null;
    at("said").textContent = error.status === 401 || error.status === 403 ? words.not_let_in : `${words.failed} ${error.message}`;
    at("said").hidden = false;
    form.elements.token.focus();
    return;
  }
  quiet();
  begin(first).catch(failed);
});

at("leave").addEventListener("click", async () => {
  const session = operator === null;
  signInAgain();
  if (session) await ask("DELETE", "/v1/auth/token").catch(() => undefined);
});
at("close").addEventListener("click", () => at("opened").close());
at("windows").addEventListener("change", (event) => drawn.look(event.target.value).catch(failed));
setInterval(fresh, 500);
setInterval(() => {
  if (stop !== null && document.visibilityState === "visible") drawn.renew().catch(failed);
}, 1000);

async function enter() {
  if (location.hash.startsWith("#link=")) {
    const link = location.hash.slice("#link=".length);
    // The secret leaves the address bar and the history before anything else happens.
    history.replaceState(null, "", location.pathname);
    await ask("POST", "/v1/auth/exchange", { link });
  }
  let first;
  try {
    first = await ask("GET", "/v1/ops/pipeline");
  } catch (error) {
    if (error.status === 401 || error.status === 403) return signInAgain();
    throw error;
  }
  return begin(first);
}

enter().catch((error) => {
  signInAgain();
  failed(error);
});

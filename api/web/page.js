// A person's own page: signs in with the link's secret, then shows the same lists as the API, and makes API tokens.
"use strict";

const words = document.getElementById("words").dataset;
const said = document.getElementById("said");

function say(text) {
  said.textContent = text;
  said.hidden = !text;
}

async function ask(method, path, body) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  if (method === "POST") headers["Idempotency-Key"] = crypto.randomUUID();
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  if (answer.status === 204) return null;
  const read = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(read.detail), { status: answer.status });
  return read;
}

function cell(row, value, kind = "td") {
  const made = document.createElement(kind);
  made.textContent = value === null || value === undefined ? "–" : String(value);
  row.append(made);
  return made;
}

function table(columns) {
  const made = document.createElement("table");
  const head = made.createTHead().insertRow();
  for (const name of columns) cell(head, name.replaceAll("_", " "), "th").scope = "col";
  made.createTBody();
  return made;
}

async function page(place, body, path, cursor) {
  const more = cursor ? `?cursor=${encodeURIComponent(cursor)}` : "";
  const { items, next_cursor: next } = await ask("GET", path + more);
  for (const item of items) {
    const row = body.insertRow();
    for (const name of place.dataset.columns.split(",")) cell(row, item[name]);
  }
  place.querySelector("button")?.remove();
  if (!cursor && !items.length) place.append(words.empty);
  if (!next) return;
  const button = document.createElement("button");
  button.textContent = words.more;
  button.addEventListener("click", () => page(place, body, path, next).catch(failed));
  place.append(button);
}

async function list(place) {
  const made = table(place.dataset.columns.split(","));
  place.className = "table";
  place.replaceChildren(made);
  await page(place, made.tBodies[0], place.dataset.list);
}

async function tokens() {
  const place = document.getElementById("tokens");
  const made = table(["label", "scope", "created_at", "last_used_at", ""]);
  for (const each of await ask("GET", "/v1/me/tokens")) {
    const row = made.tBodies[0].insertRow();
    for (const name of ["label", "scope", "created_at", "last_used_at"]) cell(row, each[name]);
    const button = document.createElement("button");
    button.textContent = words.drop;
    button.addEventListener("click", () =>
      ask("DELETE", `/v1/me/tokens/${each.token_id}`).then(tokens).catch(failed));
    row.insertCell().append(button);
  }
  place.className = "table";
  place.replaceChildren(made);
}

function failed(error) {
  say(error.status === 401 ? words.out : `${words.failed} ${error.message}`);
}

document.getElementById("make").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  try {
    const made = await ask("POST", "/v1/me/tokens", { label: form.get("label"), scope: form.get("scope") });
    const fresh = document.getElementById("fresh");
    fresh.querySelector("code").textContent = made.token;
    fresh.hidden = false;
    event.target.reset();
    await tokens();
  } catch (error) {
    failed(error);
  }
});

document.getElementById("leave").addEventListener("click", () =>
  ask("DELETE", "/v1/auth/token").then(() => location.reload()).catch(failed));

async function begin() {
  if (location.hash.startsWith("#link=")) {
    const link = location.hash.slice("#link=".length);
    // The secret leaves the address bar and the history before anything else happens.
    history.replaceState(null, "", location.pathname);
    await ask("POST", "/v1/auth/exchange", { link });
  }
  const me = await ask("GET", "/v1/me");
  document.getElementById("who").textContent = me.label;
  document.getElementById("leave").hidden = false;
  for (const place of document.querySelectorAll("[data-list]")) await list(place);
  await tokens();
}

begin().catch(failed);

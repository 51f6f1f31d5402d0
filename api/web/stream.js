// Server-sent events read with fetch: what signs in goes in a header, which EventSource cannot send, never in an address.
"use strict";

const AGAIN_MS = [500, 1000, 2000, 5000];

// Calls told(name, data) for each event until stopped; refused(status) when nobody may listen, and then no more.
export function listen(path, headers, told, refused) {
  const ended = new AbortController();
  follow(path, headers, told, refused, ended.signal);
  return () => ended.abort();
}

async function follow(path, headers, told, refused, signal) {
  let last = null;
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      const sent = last === null ? headers() : { ...headers(), "Last-Event-ID": last };
      const answer = await fetch(path, { headers: { ...sent, Accept: "text/event-stream" }, signal, cache: "no-store" });
      if (answer.status === 401 || answer.status === 403) return refused(answer.status);
      if (answer.ok) {
        await read(answer.body, (event) => {
          failures = -1;
          if (event.id) last = event.id;
          told(event.name, JSON.parse(event.data || "null"));
        });
      }
    } catch (error) {
      if (signal.aborted) return undefined;
    }
    await new Promise((done) => setTimeout(done, AGAIN_MS[Math.min(Math.max(failures, 0), AGAIN_MS.length - 1)]));
  }
  return undefined;
}

async function read(body, each) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let left = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (left + value).split(/\r?\n\r?\n/);
    left = blocks.pop();
    for (const block of blocks) {
      const event = { name: "message", data: "", id: "" };
      for (const line of block.split(/\r?\n/)) {
        const at = line.indexOf(":");
        const text = line.slice(at + 1).replace(/^ /, "");
        if (line.startsWith("event:")) event.name = text;
        if (line.startsWith("id:")) event.id = text;
        if (line.startsWith("data:")) event.data += text;
      }
      if (event.data) each(event);
    }
  }
}

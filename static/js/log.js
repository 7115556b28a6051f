// The sync log: what is where now, what the server would not have, every line that was sent. Opened from the top bar.

import { announce, held } from "./announce.js";
import { make } from "./make.js";
import * as originals from "./originals.js";
import { part, script } from "./parts.js";
import { reach, screen } from "./reach.js";
import { gauge } from "./room.js";
import { say, there } from "./say.js";
import { sender, track } from "./sending.js";
import { supersede } from "./shelving.js";
import { retry } from "./sent.js";
import { leave, show } from "./sheet.js";
import * as store from "./store.js";

const SHOWN = 300;
const DRIFT = 120_000;
const page = document.body.dataset;
const KINDS = { answers: "log.row", photos: "log.photo", photo: "log.photo", working: "log.working", original: "log.original.bare", rows: "log.rows",
  submission: "log.submission", line: "log.line", rescue: "log.rescue", clock: "log.clock" };

let box = null;
const find = (mark) => box.querySelector(mark);

/** Open it; rejects when its words cannot be had now. */
export async function open() {
  const doc = await part("log");
  box = document.importNode(doc.querySelector("[data-log]"), true);
  await paint();
  box.addEventListener("click", ({ target }) => ACTS[target.closest("[data-act]")?.dataset.act]?.(target));
  box.addEventListener("change", ({ target }) => store.setFact("originals", target.value).then(retry));
  show(say("log.title"), [box]);
  gauge().then((nodes) => find("[data-room]").replaceChildren(...nodes, ...originals.waiting()));
  const outbox = sender();
  if (outbox.status === "idle") outbox.link.hello().then(() => announce(outbox, true)).catch((error) => outbox.failed(error)).then(paint).catch(() => {});
  const again = setInterval(() => (box.closest("dialog[open]") ? paint() : clearInterval(again)), 2_000);
}

async function paint() {
  const outbox = sender();
  const [unsent, { rows, files }, keys, originals] = await Promise.all([
    held(outbox), store.waiting(page.inspection, page.user), store.logKeys(page.inspection, page.user), store.fact("originals")]);
  const refused = [...rows, ...files].filter(({ state }) => state === "refused");
  const n = Object.values(unsent).reduce((sum, count) => sum + count, 0);
  const how = outbox.status === "idle" ? (n > refused.length ? "waiting" : "idle") : outbox.status;
  say_(find("[data-now]"), store.durable() ? (n === refused.length && how === "idle" && n ? "" : say(`log.now.${n ? how : how === "offline" ? "clear" : "idle"}`, { n })) : say("log.memory"));
  find("[data-act=again]").className = `button button-${n ? "primary" : "secondary"}`;
  drift(outbox.link.clock ?? (await store.fact("clock"))?.offset);
  sides(unsent, outbox.received);
  find("[data-look]").hidden = !refused.length;
  const seen = refused.map((one) => one.key ?? one.row.id).join();
  if (seen !== find(".look").dataset.seen) {
    find(".look").dataset.seen = seen;
    find(".look").replaceChildren(...refused.map((one) => complaint(one, rows)));
  }
  await list(keys);
  if (!box.querySelector("input:checked")) box.querySelector(`input[value=${originals === "wifi" ? "wifi" : "now"}]`).checked = true;
  find("[data-act=share]").hidden = !navigator.share;
}

const say_ = (place, words) => { if (place.textContent !== words) place.textContent = words; };

function drift(offset) {
  const off = Math.abs(offset ?? 0) > DRIFT;
  find("[data-clock]").hidden = !off;
  if (off) say_(find("[data-clock]"), drifted(offset));
}

/** In words: a clock that is `offset` ms ahead. */
export const drifted = (offset) => say(offset > 0 ? "log.clock.fast" : "log.clock.slow", { span: span(Math.round(Math.abs(offset) / 60_000)) });

/** So many minutes in the two largest units that they have. */
function span(minutes) {
  const units = { days: Math.floor(minutes / 1440), hours: Math.floor(minutes / 60) % 24, minutes: minutes % 60 };
  const names = Object.keys(units), first = names.findIndex((name) => units[name]);
  return names.slice(first, first + 2).filter((name) => units[name]).map((name) => say(`log.${name}`, { n: units[name] })).join(" ");
}

function sides(unsent, received) {
  const there = received && { answers: say("log.of", { n: received.answers, of: received.items }), photos: say("log.of", { n: received.pictures, of: received.photos }),
    originals: say("log.of", { n: received.photos - received.originals_missing.length, of: received.photos }), others: "" };
  find("[data-sides]").replaceChildren(...["answers", "photos", "originals", "others"].map((kind) => {
    const name = make("th", "", say(`log.${kind}`));
    name.scope = "row";
    const line = make("tr", "", name, make("td", "", String(unsent[kind])), make("td", "", there ? there[kind] : say("log.unasked")));
    line.toggleAttribute("data-even", Boolean(received) && !unsent[kind]);
    return line;
  }));
}

/** One line of what needs a look: what, why, send again or never, go there. */
function complaint(one, rows) {
  const owner = one.key ? rows.find((entry) => entry.row.id === one.photo) : one;
  const item = owner?.row.item || (one.key ? originals.itemOf(one) : originals.itemOf({ photo: one.row.photo }));
  const what = named(one.key ? "original" : one.kind, { items: item });
  const why = one.message ?? (one.problem && say(`problem.${one.problem}`)) ?? "";
  const go = make("a", "", item ? say("log.go", { item }) : "");
  go.href = `#${item}`;
  go.addEventListener("click", (event) => { event.preventDefault(); leave(() => document.getElementById(item)?.scrollIntoView({ block: "start" })); });
  const again = make("button", "button button-secondary", say("log.resend"));
  again.type = "button";
  again.addEventListener("click", () => resend(one).then(paint));
  const acts = make("div", "row", ...(one.key || one.kind === "photos" ? [] : [never(one)]), again); // a photo is taken out where it stands
  return make("li", "", make("p", "", say("log.reason", { what, why: why || say("log.unknown") })), item ? go : make("span"), acts);
}

/** What the server will never have would keep the visit from being handed in for ever: two taps give it up. */
function never({ row }) {
  const button = make("button", "button button-quiet", say("log.never"));
  button.type = "button";
  button.addEventListener("click", () => {
    if (button.dataset.sure) return void supersede(row.id).then(paint);
    button.dataset.sure = "yes";
    button.className = "button button-danger";
    button.textContent = say("log.never.sure");
  });
  return button;
}

async function resend(one) {
  if (!one.key) return supersede(one.row.id, true);
  await store.markFile(one, { state: "waiting", problem: undefined, message: undefined });
  track(one.key, null, "device");
  retry();
}

/** The newest lines, opened and drawn again only when there are others. */
async function list(keys) {
  const place = find("[data-lines]"), newest = String(keys.at(-1) ?? "none");
  if (place.dataset.newest === newest) return;
  place.dataset.newest = newest;
  const shown = keys.slice(-SHOWN), lines = await store.logged(page.inspection, page.user, shown);
  if (place.dataset.newest !== newest) return;
  if (lines.length < shown.length) delete place.dataset.newest; // their key is away: tried again
  const nodes = lines.reverse().map((line) => {
    const time = make("time", "", when(line.at));
    const said = make("span", "", told(line));
    said.toggleAttribute("data-bad", line.result === "refused");
    return make("li", "", time, said);
  });
  place.replaceChildren(...(nodes.length ? nodes : [make("li", "empty", say("log.empty"))]));
}

function when(at) {
  const { day, time } = there(at);
  return `${day.slice(0, 5)} ${time}`;
}

/** The same to the second, for whoever reads a copy beside the journal of the server. */
function moment(at) {
  const { day, time } = there(at);
  return `${day} ${time}${new Date(at).toISOString().slice(16, 19)}`;
}

/** What it is that was sent, in words; of an original, which item has its photo, where that is known. */
const named = (kind, values) => say(kind === "original" && values.items ? "log.original" : KINDS[kind] ?? "log.other", values);

/** A line of the log in words. */
function told({ what, items = [], bytes, result, message, code, receipt, offset }) {
  if (what === "clock") return drifted(offset);
  const names = [...new Set(items.filter(Boolean))], others = items.filter((one) => !one).length, values = { n: names.length, items: names.join(", ") };
  const rows = () => [names.length && say(names.length > 1 ? "log.rows" : "log.row", values), others && say("log.bare", { n: others })].filter(Boolean);
  const said = [...(what === "rows" ? rows() : [named(what, values)]), say(`log.${result}`, { message: message ?? "" })];
  if (bytes) said.push(say("log.kb", { n: Math.max(1, Math.round(bytes / 1024)) }));
  if (receipt) said.push(say("log.receipt", { code: receipt }));
  else if (code) said.push(say("log.code", { code: code.slice(0, 8) }));
  return said.join(" · ");
}

async function text() {
  const lines = await store.logged(page.inspection, page.user, await store.logKeys(page.inspection, page.user));
  const head = say("log.head", { agency: document.querySelector("h1").textContent, time: when(Date.now()) });
  return [head, ...lines.map((line) => `${moment(line.at)} ${told(line)}`)].join("\n");
}

const ACTS = {
  again: () => { sender().knock(); find("[data-said]").textContent = ""; paint(); },
  leaving: ({ textContent }) => leave(() => screen("leaving", textContent)),
  rescue: async ({ textContent }) => (await reach(textContent, () => script("rescue")))?.hand(find("[data-said]")),
  copy: async () => {
    const words = text().then((said) => new Blob([said], { type: "text/plain" })); // WebKit lets nobody write who has waited
    const copied = await navigator.clipboard?.write([new ClipboardItem({ "text/plain": words })]).then(() => true, () => false);
    find("[data-said]").textContent = say(copied ? "log.copied" : "log.copy.away");
  },
  share: async () => navigator.share({ text: await text() }).catch(() => {}),
};

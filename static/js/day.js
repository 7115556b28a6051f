// The inspector's first page: has every open visit on this device, says which are, and how much is still to be sent.

import { draft } from "./drafts.js";
import * as kept from "./kept.js";
import { make } from "./make.js";
import { page } from "./pages.js";
import { part } from "./parts.js";
import { remaining } from "./remaining.js";
import { gauge, persist } from "./room.js";
import { waiting } from "./rows.js";
import { clock, say } from "./say.js";
import { show } from "./sheet.js";
import * as update from "./update.js";
import * as vault from "./vault.js";

const { user } = document.body.dataset;
const cards = [...document.querySelectorAll("[data-visit]")];
const ids = cards.filter((card) => "ready" in card.dataset).map((card) => card.dataset.visit);
const bar = document.querySelector("[data-day]");
const rest = document.querySelector("[data-day-rest]");
const FRESH = 600_000;
const SOON = 2_000;
const LATEST = 60_000;
const PATIENCE = 20_000;
const unsent = new Map(); // visit → things
const wished = new Set(); // visits to be handed in once there is a network and their page is open
const resting = new Map(); // visit → originals that wait for Wi-Fi
const worked = new Map(); // visit → what was done here since the server was last asked for this page, sent or not
let unread = null; // nobody knows how much is here: true; not yet: null
let here = new Map(); // visit → what of it is on the device
let working = null; // the visit that is being fetched
let whole = false; // the shell is here
let refreshing = false;
let again = 0;
let watched = null; // what the open sheet shows

async function start() {
  count();
  addEventListener("pageshow", count);
  rest.querySelector("button").addEventListener("click", () => sending().then(({ hurry }) => hurry(), () => {}));
  vault.unlock(user, "/sync");
  const at = Number(document.documentElement.dataset.kept);
  if (at) {
    tell("day.offline", { time: clock(at) });
    ask(at);
  }
  if (!vault.possible || !update.possible) return tell("day.insecure");
  bar.querySelector("[data-action=ready]").addEventListener("click", () => inspect(ids));
  for (const card of cards) card.querySelector("[data-action=ready]")?.addEventListener("click", () => inspect([card.dataset.visit]));
  const installed = update.install();
  await vault.unlocked(user);
  here = await kept.standing(ids);
  whole = [...here.values()].some(({ ready }) => ready);
  paint();
  if (!(await persist()) && navigator.standalone === false && !at) tell("day.home"); // Safari, and not from the home screen
  whole = await installed;
  if (whole) await refresh(!at);
  addEventListener("online", () => refresh(false));
  sending().then(({ recall }) => recall(user)).then((any) => any && count(), () => {});
}

/** This page was kept here: perhaps the line was only slow, and the server no longer knows her, or knows somebody else. */
async function ask(at) {
  const answer = await fetch("/sync/hello", { cache: "no-store", redirect: "error", headers: { Accept: "application/json" }, signal: AbortSignal.timeout?.(PATIENCE) }).catch(() => null);
  const met = answer?.ok && await answer.json().catch(() => null);
  if (answer?.status === 401) return tell("day.signin", { time: clock(at) });
  const detail = met?.user ? String(met.user.id) : null;
  if (answer?.status === 403 || (detail && detail !== user)) dispatchEvent(new CustomEvent("other", { detail })); // see account.js
}

/** Every open visit as the server shows it now; one after the other, so that the first is ready soon. What the line lost, or
 *  what came before all files of its version were here, is asked for again, ever later. */
async function refresh(shown, turn = 0) {
  if (refreshing) return;
  refreshing = true;
  clearTimeout(again);
  let lost = false;
  const tried = (work) => work.catch(() => { lost = true; }); // what is here stays, and what is missing is said
  await tried(kept.keep("/"));
  for (const id of ids) {
    const { ready, current, at } = here.get(id);
    if (ready && current && Math.abs(Date.now() - at) < FRESH) continue;
    working = id;
    await tried(kept.keepVisit(id, look));
  }
  if (shown && !lost) await tried(kept.keepOnly([...ids, ...owing()]));
  refreshing = false;
  working = null;
  await look();
  if (lost || ids.some((id) => !here.get(id).ready)) again = setTimeout(() => refresh(shown, turn + 1), Math.min(SOON * 2 ** turn, LATEST));
}

async function look() {
  here = await kept.standing(ids);
  paint();
}

async function count() {
  let dark = false;
  for (const visit of new Set([...cards.map(({ dataset }) => dataset.visit), ...await remaining(user)])) {
    const { rows, files, locked, blind } = await waiting(visit, user);
    dark ||= blind && "indexedDB" in globalThis;
    unsent.set(visit, rows.length + locked + files.filter(({ role }) => role === "original").length);
    wished[await draft(user, `wish ${visit}`) ? "add" : "delete"](visit);
    if (!worked.has(visit)) await before(visit).catch(() => {});
    note(visit, rows.filter(({ state }) => state !== "refused"));
  }
  unread = dark;
  paint();
  if (unread) setTimeout(count, SOON);
  if (owing().length) sending().then(({ deliver }) => deliver(owing(), user, counted), () => {});
}

/** The visits of which something is here that the server has not. */
const owing = () => [...unsent].filter(([, n]) => n).map(([id]) => id);

const sending = () => import("./deliver.js");

function counted(visit, n, waits) {
  unsent.set(visit, n);
  resting.set(visit, waits ?? 0);
  if (waits) part("room").then(paint, () => {}); // its words
  paint();
}

function tell(key, values) {
  const line = document.querySelector("[data-day-said]");
  line.hidden = false;
  line.querySelector("p").textContent = say(key, values);
}

// ── What the page says ───────────────────────────────────────────────────────────────────────────
function paint() {
  const ready = ids.filter((id) => whole && here.get(id)?.ready);
  bar.dataset.ready = ready.length === ids.length ? "yes" : "no";
  write(bar.querySelector("[data-action=ready]"), ids.length && here.size ? say("ready.head", { n: ready.length, all: ids.length }) : "", bar.dataset.ready);
  write(bar.querySelector("[data-unsent]"), unread === null ? "" : unread ? say("unread") : say("unsent", { n: sum(unsent) }));
  write(rest.querySelector("[data-elsewhere]"), elsewhere() ? say("day.elsewhere", { n: elsewhere() }) : "");
  write(rest.querySelector("[data-resting]"), sum(resting) ? say("originals.waiting", { n: sum(resting) }) : "");
  rest.querySelector(".row").hidden = !sum(resting);
  rest.hidden = !elsewhere() && !sum(resting);
  for (const card of cards) {
    const { visit } = card.dataset;
    const mark = card.querySelector("[data-action=ready]");
    const how = ready.includes(visit) ? "yes" : visit === working ? "work" : "no";
    if (mark) write(mark, here.has(visit) ? say(`ready.${how}`) : "", how);
    if (mark) card.dataset.ready = how;
    write(card.querySelector("[data-unsent]"), wished.has(visit) ? say("day.wished") : unsent.get(visit) ? say("unsent", { n: unsent.get(visit) }) : "");
    progress(card, worked.get(visit));
  }
  if (watched) inspect(watched);
}

/** This page was kept here: what the server has heard of a visit since is known from the visit as it was kept, and from what
 *  was sent after that. */
async function before(visit) {
  const at = Number(document.documentElement.dataset.kept);
  if (!at) return;
  const known = await page(user, `/sync/inspections/${visit}`);
  if (known?.at >= at) {
    const { answers, photos } = JSON.parse(new TextDecoder().decode(known.buffer)).rows;
    const as = (kind) => (row) => ({ kind, row });
    note(visit, [...answers.map(as("answers")), ...photos.map(as("photos"))]);
    worked.get(visit).told = true;
  }
  note(visit, (await draft(user, `arrived ${visit}`)) ?? []);
}

/** What was done of a visit here and the server does not know of; what is sent from here stays done. */
function note(visit, rows) {
  if (!worked.has(visit)) worked.set(visit, { items: new Map(), photos: new Set(), out: new Set(), told: false });
  const { items, photos, out } = worked.get(visit);
  for (const { kind, row } of rows) {
    if (kind === "answers") items.set(row.item, Boolean(row.value || row.choices?.length || row.number != null));
    if (kind === "photos") photos.add(row.id);
    if (kind === "removals" && !photos.delete(row.photo)) out.add(row.photo);
  }
}

/** How far a visit is: what the server knew when it drew this page, together with what was done here since, each item once. */
function progress(card, work) {
  const count = card.querySelector("[data-done]");
  if (!count || !work) return; // it is closed, or not looked at yet
  const { items, photos, out, told } = work;
  const done = new Set(count.dataset.done.split(" ").filter(Boolean));
  for (const [item, given] of items) if (given) done.add(item); else done.delete(item);
  const of = Number(count.nextSibling.textContent.match(/\d+/)[0]), n = Math.min(done.size, of);
  const pictures = card.querySelector("[data-photos]");
  const taken = Math.max(0, told ? photos.size : Number(pictures.dataset.photos) + photos.size - out.size);
  count.textContent = n;
  pictures.textContent = taken ? say("day.photos", { n: taken }) : "";
  card.querySelector(".bar").setAttribute("aria-label", say("day.bar", { n, of }));
  card.querySelector(".bar-value").setAttribute("width", (100 * n) / of);
  if (done.size) goOn(card);
}

/** A visit that was begun here is not called new. */
function goOn(card) {
  card.querySelector("[data-new]")?.replaceChildren();
  const begin = card.querySelector("[data-begin]");
  if (!begin) return;
  begin.setAttribute("aria-label", begin.getAttribute("aria-label").replace(begin.dataset.begin, say("day.more")));
  begin.textContent = say("day.more");
  begin.removeAttribute("data-begin");
}

const sum = (counts) => [...counts.values()].reduce((all, n) => all + n, 0);
/** So much is here of visits that this page does not show. */
const elsewhere = () => sum(new Map([...unsent].filter(([id]) => !cards.some(({ dataset }) => dataset.visit === id))));

function write(box, text, how) {
  box.hidden = !text;
  if (how) box.dataset.how = how;
  const words = box.querySelector("span") ?? box;
  if (words.textContent !== text) words.textContent = text;
}

/** What of these visits is on the device and what is not; painted anew while more comes. */
async function inspect(visits) {
  const anew = watched === visits;
  watched = visits;
  const parts = visits.flatMap((id) => [make("h3", "", nameOf(id)), listOf(here.get(id))]);
  const room = await gauge();
  if (watched !== visits) return;
  const nodes = [...parts, make("h3", "", say("device")), make("ul", "here-list", line(say("device.app"), whole)),
...room];
  if (!anew || document.querySelector("dialog.sheet").open) show(say("ready.title"), nodes, () => { watched = null; });
}

const nameOf = (id) => cards.find((card) => card.dataset.visit === id).querySelector("h3").textContent;

function listOf({ form, law, data, last, pictures, wanted, at } = {}) {
  const lines = [line(say("here.form"), form), line(say("here.law"), law)];
  if (!data || last) lines.push(line(say("here.last"), data));
  if (wanted) lines.push(line(say("here.pictures", { n: pictures, all: wanted }), pictures === wanted));
  if (at) lines.push(make("li", "soft", say("here.at", { time: clock(at) })));
  return make("ul", "here-list", ...lines);
}

function line(what, there) {
  const made = make("li", "", make("span", "", what), make("b", "", say(there ? "here" : "away")));
  made.prepend(document.querySelector(`[data-icon=${there ? "here" : "away"}]`).content.cloneNode(true));
  made.dataset.here = there ? "yes" : "no";
  return made;
}

start();

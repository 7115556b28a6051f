// Where everything is: keeps each change on the device, has it sent, and says the truth about it in the top bar.

import { later } from "./later.js";
import { durable, fleeting, put, waiting } from "./rows.js";
import { clock, say } from "./say.js";
import { unlock, unlocked } from "./vault.js";

const LOCKED = "locked ";
const MEND = 2_000;
const page = document.body.dataset;
const bar = document.querySelector("[data-saving]");
const words = bar.querySelector("[data-saving-text]");
const link = bar.querySelector("[data-saving-link]");
export const things = new Map(); // id → {state, message, on}: every row and file that the server has not
export const shelved = new Map(); // id → on: withdrawn, but perhaps on its way already
export const lookers = new Set(); // called whenever something has changed
/** What the server has taken since somebody last looked; «arrived» is said of each. */
export const arrivals = [];
const LOOK_AGAIN = 2_000;
let looking = 0;
let outbox = null, store = null; // come with rest.js
let last = null;
const known = new Set(); // photos that an earlier page left here
let mending = 0;
let unread = false, sealed = 0; // nobody knows what an earlier page left here; so much of it waits for its key
let allFound;
const begun = new Promise((done) => { allFound = done; });

/** Begin: find what was left here and hand each entry to `found(entry)`, which returns its listener. */
export async function begin(found) {
  unlock(page.user, page.sync);
  // a page that this device kept comes with what arrived at the server after that: shell.js
  for (const entry of JSON.parse(document.querySelector("[data-arrived]")?.content.textContent ?? "[]")) found(entry)?.("server");
  await adopt(found);
  allFound();
  paint();
  if (things.size) later();
}

/** Take up what is on the device; what is still locked follows when its key comes. */
export async function adopt(found) {
  const { rows, files, locked, blind } = await waiting(page.inspection, page.user);
  unread = blind && "indexedDB" in globalThis;
  sealed = locked;
  if (unread) setTimeout(() => adopt(found).then(() => outbox?.kick(true)), MEND);
  for (const file of files) known.add(file.photo);
  for (const entry of rows) {
    const { state, problem, row: { id } } = entry;
    if (!things.has(id)) track(id, found(entry), state === "refused" ? "refused" : "device", entry.message ?? say(`problem.${problem}`));
  }
  for (const file of files) if (file.role === "original" && !things.has(file.key)) track(file.key, null, file.state === "refused" ? "refused" : "device", file.message);
  for (const id of things.keys()) if (id.startsWith(LOCKED)) things.delete(id);
  for (let n = 0; n < locked; n++) track(`${LOCKED}${n}`, null, "device");
  if (locked) unlocked(page.user).then(() => adopt(found)).then(() => outbox?.kick(true));
}

/** Send from now on, through an outbox of this class: it comes with rest.js, for without a network nothing can be sent. */
export async function connect(Outbox, whole) {
  store = whole;
  outbox = new Outbox({ known, sync: page.sync, inspection: page.inspection, user: page.user, tell: { row: heard, file: heardFile, status: settled } });
  await begun;
  if (things.size) outbox.kick(true);
  mend();
}

/** As long as something lives in this page only, the device is asked again and again to take it. */
function mend() {
  if (durable() || mending || !store) return;
  mending = setTimeout(async () => {
    for (const id of await store.rescue()) if (things.get(id)?.state === "empty") change(id, "device");
    mending = 0;
    paint();
  }, MEND);
}

/** Keep one row; `on(state, message)` hears empty, device, sending, server, refused. */
export async function keep(kind, row, on) {
  track(row.id, on, "empty");
  const kept = await put(entryOf(kind, row));
  settle(row.id, kept);
  later(); // with it comes what sends
}

/** A change that is being made ready (a photo on its way to the store) counts as unsent from the first moment. */
export function expect(id) { track(id, null, "empty"); }
export function forget(id) { things.delete(id); paint(); }

export const held = (id) => things.get(id);
export const unsent = () => [...things.values()];
export const sender = () => outbox;

/** A row as it is kept on the device. */
export function entryOf(kind, row) {
  return { user: page.user, inspection: page.inspection, kind, row, state: "waiting" };
}

export function track(id, on, state, message) {
  things.set(id, { on, state, message });
  if (on) on(state, message);
  paint();
}

/** Whether the device has kept it is known now. */
export function settle(id, kept) {
  if (things.has(id)) change(id, kept ? "device" : "empty", kept ? undefined : say("state.unsaved"));
  paint();
  outbox?.kick();
}

function change(id, state, message) {
  const thing = things.get(id);
  if (!thing) return;
  Object.assign(thing, { state, message });
  if (state === "server") {
    things.delete(id);
    last = new Date();
  }
  thing.on?.(state, message);
}

function heard(entry, state, message) {
  const { id } = entry.row;
  if (things.has(id)) change(id, state, message);
  else if (state === "server") shelved.get(id)?.(state);
  if (state === "server") {
    arrivals.push(entry);
    document.dispatchEvent(new Event("arrived"));
  }
  paint();
}

function heardFile(file, state, message) {
  if (file.role === "original") change(file.key, state, message);
  paint();
}

/** The outbox stands still: what another tab has sent in the meantime is at the server too. */
async function settled(status) {
  paint();
  if (status !== "idle" || !things.size) return;
  const before = [...things].filter(([, { state }]) => state !== "empty"); // what is kept while the device is read is not missing
  const { rows, files, blind, locked } = await waiting(page.inspection, page.user);
  if (blind || locked) return;
  const here = new Set([...rows.map((entry) => entry.row.id), ...files.map((file) => file.key)]);
  for (const { key, problem } of files) if (problem === "lost") change(key, "refused", say("problem.lost"));
  for (const [id, thing] of before) if (!here.has(id) && things.get(id) === thing && thing.state !== "empty") change(id, "server");
  paint();
  clearTimeout(looking);
  if (rows.some((entry) => entry.state === "waiting" && !outbox.stuck.has(entry.row.id))) looking = setTimeout(() => outbox.kick(true), LOOK_AGAIN); // came just then
}

/** So many the device does not have yet: being typed, being kept, or a photo that can still be put back. */
const unkept = () => [...things].filter(([id, { state }]) => state === "empty" || fleeting(id)).length;
export const count = (state) => [...things.values()].filter((thing) => thing.state === state).length;

function paint() {
  if (outbox && !["idle", "sending"].includes(outbox.status)) {
    for (const [id, thing] of things) if (thing.state === "sending") change(id, fleeting(id) ? "empty" : "device");
  }
  if (page.unsent !== String(things.size)) page.unsent = things.size; // meeting.js hears of every change
  const how = standing();
  bar.dataset.saving = how;
  link.hidden = how !== "signin";
  words.parentElement.hidden = how === "signin";
  const values = { n: { refused: count("refused"), unsaved: unkept(), unkept: unkept() }[how] ?? things.size, time: last ? clock(last) : "" };
  const said = say(`saving.${how}`, values).trim();
  const place = how === "signin" ? link : words;
  if (place.textContent !== said) place.textContent = said;
  for (const look of [...lookers]) look();
  mend();
}

function standing() {
  if (!things.size) return unread ? "blind" : outbox?.status === "offline" ? "offline" : "server";
  if (!durable()) return "unsaved";
  if (["signin", "update", "gone"].includes(outbox?.status)) return outbox.status;
  if (sealed) return "blind"; // what cards do not show may be here
  if (count("refused")) return "refused";
  if (outbox?.status === "idle" && outbox.resting === things.size) return "originals";
  if (outbox?.status === "offline" || (outbox?.status === "sending" && unkept() < things.size)) return outbox.status;
  return unkept() ? "unkept" : "device";
}

bar.querySelector("[data-action=sync]").addEventListener("click", () => later().then(({ explain }) => explain()));
/** Only this page has it: no store to keep it in, or a photo that is still being taken in. */
const lonely = ({ state, on }) => state === "empty" && (!on || !durable());
addEventListener("beforeunload", (event) => { if ([...things.values()].some(lonely)) event.preventDefault(); });

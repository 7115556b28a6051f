// What is drawn over photos, known from the page, from this device and from what is drawn now: its signs on the
// thumbnails, its shapes over the large photo, and the way to the screen where it is drawn.

import { pictureHere } from "./facts.js";
import { uuid } from "./ids.js";
import { make } from "./make.js";
import { part, script } from "./parts.js";
import { reach } from "./reach.js";
import { say } from "./say.js";
import { held, keep } from "./sending.js";
import { supersede } from "./shelving.js";
import { button } from "./sheet.js";
import * as store from "./store.js";

const PATIENCE = 10_000;
const LEAVING = 3_000;
const SEEN = 1_000; // so many drawings a row may name
const page = document.body.dataset;
const DRAFT = `drawing ${page.inspection}`;
const LAST = `drawn ${page.inspection}`;
const known = new Map(); // photo → {ids, all, private, shapes, message}: what stands, as drawings `ids`, in place of `all`
const rows = new Map(); // photo → ids of rows made or found here, the newest last
const own = new Map(); // photo → ids of all drawings that are known to come from here
let last = {}; // photo → its last row from here
let writing = Promise.resolve();
let screen = null;
let open = null; // the draft on the screen

/** Begin: learn what the page says, then what this device remembers of its own last drawings. */
export async function begin() {
  for (const thumb of document.querySelectorAll("[data-markup]")) learn(thumb.dataset.photo, JSON.parse(thumb.dataset.markup));
  last = (await recall(LAST)) ?? {};
  for (const [photo, row] of Object.entries(last)) learn(photo, row, true);
  addEventListener("pointerdown", () => ready().catch(() => {}), { once: true, passive: true });
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && open && settle(open));
}

/** A row that was left on this device: shown again, and its listener. */
export function found({ row }) {
  learn(row.photo, row, true);
  return listener(row.photo, row.id);
}

/** The screen that was open when the page went away comes back with everything on it. */
export async function resume() {
  if (!(await recall(DRAFT))) return;
  const release = await turn();
  const draft = release && (await recall(DRAFT));
  if (!draft) return void release?.(); // another tab is drawing it, or has finished
  const thumb = thumbOf(draft.photo);
  if (thumb && !thumb.hidden && (await show(thumb, draft, release))) return;
  await settle(draft);
  await remember(DRAFT, undefined);
  release();
}

/** One tab draws: resolves to what gives the turn back, or to null when another tab keeps it. A page that is loaded anew
 *  may still be on its way out, so that its successor waits a little. */
function turn() {
  if (!navigator.locks) return Promise.resolve(() => {});
  return new Promise((done) => {
    navigator.locks.request(DRAFT, { signal: AbortSignal.timeout(LEAVING) }, () => new Promise((release) => done(release))).catch(() => done(null));
  });
}

/** Lay what is drawn over the large `picture`, and add to `acts` what can be done about it. */
export function dress({ thumb, picture, box, acts, editable }) {
  ready().then(async ({ overlay }) => {
    const told = known.get(thumb.dataset.photo);
    const lines = told ? [told.private && sign(told), told.message].filter(Boolean).map((said) => make("p", "soft", said)) : [];
    acts.before(...lines);
    const pen = editable ? [button("button-primary", say("markup.open"), () => show(thumb))] : [];
    acts.prepend(...pen);
    if (!told?.shapes.length) return;
    if (!(picture.complete && picture.naturalWidth)) await new Promise((done) => picture.addEventListener("load", done, { once: true }));
    box.append(overlay(picture, told.shapes));
    const toggle = button("button-secondary", say("markup.plain"), () => {
      toggle.textContent = say(box.toggleAttribute("data-plain") ? "markup.drawn" : "markup.plain");
    }, false);
    if (pen[0]) pen[0].after(toggle);
    else acts.prepend(toggle);
  }).catch(() => {});
}

/** The photo is taken out before it was ever sent, or put back: its drawings go the same way. */
export function withdraw(photo, back = false) {
  const mine = rows.get(photo) ?? [];
  for (const id of back ? mine.slice(-1) : mine) if (back || held(id)) supersede(id, back);
}

async function show(thumb, left = null, release = null) {
  const picture = await readable(thumb);
  const kit = await reach("", ready, () => {});
  if (!picture || !kit) return complain(thumb, say("markup.away"));
  release ??= await turn();
  const photo = thumb.dataset.photo;
  const { shapes = [], private: hidden = false, all = [] } = known.get(photo) ?? {};
  const box = thumb.closest("fieldset");
  open = left ?? { photo, base: { shapes, private: hidden }, seen: [...all], steps: [], at: 0 };
  kit.draw({
    dialog: document.importNode(screen, true), picture, item: box?.dataset.item ?? "", draft: open, say,
    keep: (draft) => { open = draft; return remember(DRAFT, draft); },
    done: async (draft) => {
      open = null;
      if (picture.src !== thumb.href) URL.revokeObjectURL(picture.src);
      thumb.focus({ preventScroll: true });
      await settle(draft);
      await remember(DRAFT, undefined);
      release?.();
    },
  });
  return true;
}

/** Make a row of what stands in a draft, if that is new. */
async function settle(draft) {
  const { standing } = await ready();
  const told = standing(draft);
  const same = JSON.stringify(told);
  if (same === (draft.settled ?? JSON.stringify(draft.base))) return;
  draft.settled = same;
  const before = rows.get(draft.photo)?.at(-1);
  const row = { id: uuid(), photo: draft.photo, ...told, made_at: new Date().toISOString(),
    seen: [...new Set([...draft.seen ?? [], ...own.get(draft.photo) ?? []])].slice(-SEEN) };
  learn(draft.photo, row, true);
  const kept = keep("markups", row, listener(draft.photo, row.id));
  last = { ...last, [draft.photo]: row };
  remember(LAST, last);
  await kept;
  if (held(before)?.state === "refused") supersede(before);
}

/** Take in a drawing, from here or from the server. Clocks say nothing about who knew what: it takes the place of those it
 *  names, and stands beside all others. */
export function learn(photo, { id, seen, private: hidden, shapes }, mine = false) {
  const here = known.get(photo), after = seen ?? [];
  if (mine) own.set(photo, (own.get(photo) ?? new Set()).add(id));
  if (!id || here?.all.has(id)) return;
  const beside = here && !here.ids.every((one) => after.includes(one));
  const more = beside ? here.shapes.filter((shape) => !shapes.some((one) => JSON.stringify(one) === JSON.stringify(shape))) : [];
  known.set(photo, { ids: beside ? [...here.ids, id] : [id], all: new Set([...here?.all ?? [], ...after, id]),
    private: hidden || Boolean(beside && here.private), shapes: [...shapes, ...more] });
  paint(photo);
}

function listener(photo, id) {
  rows.set(photo, [...(rows.get(photo) ?? []), id]);
  return (state, message) => {
    if (rows.get(photo).at(-1) !== id) return;
    const told = known.get(photo);
    told.message = state === "refused" ? message : undefined;
    if (state === "refused") ready().then(() => complain(thumbOf(photo), say("markup.refused", { item: thumbOf(photo)?.closest("fieldset")?.dataset.item, why: message }))).catch(() => {});
  };
}

/** Small signs on the thumbnail, with words for those who cannot see them. */
function paint(photo) {
  const thumb = thumbOf(photo);
  if (!thumb) return;
  for (const old of thumb.querySelectorAll(".tag")) old.remove();
  const told = known.get(photo);
  const names = [told.shapes.length && "drawn", told.private && (covered(told) ? "private" : "bare")].filter(Boolean);
  for (const name of names) {
    const words = make("span", "unseen");
    thumb.append(make("span", `tag tag-${name}`, words));
    ready().then(() => { words.textContent = `, ${say(`markup.tag.${name}`)}`; }).catch(() => {});
  }
}

const covered = ({ shapes }) => shapes.some(({ kind }) => kind === "blur");
const sign = (told) => say(`markup.private.${covered(told) ? "covered" : "bare"}`);
const thumbOf = (photo) => document.querySelector(`a[data-photo="${photo}"]`);

function complain(thumb, sentence) {
  const strip = thumb?.closest(".proof");
  if (!strip) return false;
  const line = strip.querySelector(".wrong") ?? strip.appendChild(make("p", "wrong"));
  line.setAttribute("role", "alert");
  line.textContent = sentence;
  return false;
}

/** A loaded picture of this photo: the one of the screen, what the device has, or at least the small one. */
async function readable(thumb) {
  const here = await pictureHere(thumb);
  const small = thumb.querySelector("img");
  for (const src of [here && URL.createObjectURL(here), thumb.href, small.src]) {
    const picture = src && Object.assign(new Image(), { src, alt: small.alt });
    if (picture && (await loaded(picture))) return picture;
  }
  return null;
}

const loaded = (picture) => Promise.race([picture.decode().then(() => true, () => false), new Promise((done) => setTimeout(done, PATIENCE, false))]);

let kit = null;

/** The screen's script and markup (with its style), fetched once; tried again when they could not be had. */
function ready() {
  return (kit ??= fetchAll().catch((error) => { kit = null; throw error; }));
}

async function fetchAll() {
  const [all, doc] = await Promise.all([script("markup"), part("markup")]);
  screen = doc.querySelector("dialog");
  return all;
}

/** Drafts are written one after the other, so that the last one stays. Resolves to whether it is on the device. */
function remember(name, value) {
  const copy = value && structuredClone(value);
  return (writing = writing.catch(() => {}).then(() => store.setDraft(page.user, name, copy)));
}

const recall = (name) => store.draft(page.user, name).catch(() => undefined);

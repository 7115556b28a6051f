// What was being photographed when the page went: the system's camera often takes the page's memory. Written down before
// the camera opens and while photos are being kept; told to the person when the page is back.

import * as store from "./store.js";

const page = document.body.dataset;
const NAME = `capture ${page.inspection}`;
const state = { opened: null, taking: [] }; // opened: {item, at}; taking: [{id, item, live}]
let writing = Promise.resolve();
let dirty = false;

/** The system's camera or the gallery opens for an item. */
export function opened(item) {
  state.opened = { item: item.id, at: Date.now() };
  write();
}

/** Pictures were chosen, or nothing was: the page has lived through it. */
export function closed() {
  if (!state.opened) return;
  state.opened = null;
  write();
}

/** These photos are being taken in. */
export function taking(item, ids, source) {
  state.opened = null;
  state.taking.push(...ids.map((id) => ({ id, item: item.id, live: source === "live" })));
  write();
}

/** This one is kept, or was refused in words. */
export function taken(id) {
  state.taking = state.taking.filter((photo) => photo.id !== id);
  write();
}

/** What an earlier page left unfinished: {opened, taking}, or null. Known to nobody else once it has been asked for. */
export async function left(kept) {
  const found = await store.draft(page.user, NAME);
  if (!found) return null;
  const lost = found.taking.filter(({ id }) => !kept(id));
  if (!state.opened && !state.taking.length) write();
  return found.opened || lost.length ? { opened: found.opened, taking: lost } : null;
}

/** One writing at a time, of what holds by then. */
function write() {
  if (dirty) return;
  dirty = true;
  writing = writing.then(() => {
    dirty = false;
    return store.setDraft(page.user, NAME, state.opened || state.taking.length ? { ...state } : undefined);
  }).catch(() => {});
}

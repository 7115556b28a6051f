// The photos of an item: taking them in one at a time, their thumbnails, taking one out.

import { develop, thumbnail } from "./camera.js";
import { born, pictureHere } from "./facts.js";
import { release, releaseLeft } from "./heldback.js";
import { uuid } from "./ids.js";
import { make } from "./make.js";
import * as marks from "./marks.js";
import * as pending from "./pending.js";
import * as room from "./room.js";
import { put } from "./rows.js";
import { say } from "./say.js";
import { entryOf, forget, held, keep, sender, settle, track } from "./sending.js";
import { supersede } from "./shelving.js";
import * as store from "./store.js";
import { offer } from "./undo.js";

const page = document.body.dataset;
const TURNS = 5;
const SOON = 2_000;
const UNDONE = 6_500; // so long the bar of undo.js is there, and a little more
const holding = new Set(); // removals that this page may still take back
let changed = () => {};
let queue = Promise.resolve();

/** Begin; `after(item)` is called when an item's photos have changed. */
export function begin(after) {
  changed = (item) => { tally(item); after(item); };
  for (const image of document.querySelectorAll(".thumb img")) if (image.complete && !image.naturalWidth) again(image);
  document.addEventListener("error", ({ target }) => { if (target.matches?.(".thumb img")) again(target); }, true);
}

/** The server makes its thumbnails a moment after a photo has come: one that is not there yet is asked for anew. */
function again(image) {
  const turn = Number(image.dataset.turn ?? 0);
  image.classList.add("waiting"); // else a browser draws what it draws for a lost picture
  image.onload = () => image.classList.remove("waiting");
  if (turn >= TURNS || !image.src) return;
  image.dataset.turn = turn + 1;
  setTimeout(() => { image.src = image.src; }, SOON * 2 ** turn);
}

/** Take in files from `source` (live, camera, gallery); `ids` name the photos, which count as unsent until they are
 *  kept. One after the other, whoever asks: a weak tablet holds one picture in memory, not ten. */
export function take(item, files, ids, source) {
  item.box.querySelector(".wrong")?.remove();
  const thumbs = ids.map((id) => place(item, id));
  pending.taking(item, ids, source);
  changed(item);
  for (const [i, file] of files.entries()) thumbs[i].taking = queue = queue.then(() => one(item, file, thumbs[i], source));
  return queue;
}

async function one(item, file, thumb, source) {
  const id = thumb.dataset.photo;
  try {
    await room.makeSure();
    const told = { id, item: item.id, source, bytes: Number(page.photoBytes), pixels: Number(page.photoPixels) };
    const { row, files } = await develop(file, told, (early) => picture(thumb, early));
    born(row, files);
    await kept(row, files, listener(item, thumb));
    room.learn(files);
    item.touched = true;
  } catch (why) {
    takeAway(thumb);
    forget(id);
    complain(item, say(why?.say ?? (why?.name === "QuotaExceededError" ? "photo.room" : "photo.unsaved"), why?.values), true);
  }
  pending.taken(id);
  changed(item);
}

/** Keep a photo's row with its files. Throws when there is no room: then nothing of it is kept. */
async function kept(row, files, on) {
  track(row.id, on, "empty");
  const whole = await store.putPhoto(entryOf("photos", row), files);
  const { sha256 } = files.find(({ role }) => role === "original");
  track(store.fileKey(page.inspection, sha256, page.user), null, whole ? "device" : "empty");
  settle(row.id, whole);
}

/** A photo that was kept on this device and is not at the server yet: shown again, and its listener. */
export function restore(item, entry) {
  const thumb = item.box.querySelector(`[data-photo="${entry.row.id}"]`) ?? place(item, entry.row.id);
  born(entry.row);
  tally(item);
  seen.observe(thumb);
  return listener(item, thumb);
}

/** Thumbnails of an earlier page are made anew, each when it comes near the eyes. */
const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    queue = queue.then(async () => {
      const found = await pictureHere(target);
      const small = found && await thumbnail(found);
      if (small) picture(target, small);
      else if (!found) target.firstElementChild.src = `photos/${target.dataset.photo}/thumb`; // at the server already
    }).catch(() => {});
  }
}, { rootMargin: "50% 0px" });

function place(item, id) {
  const thumb = make("a", "thumb");
  Object.assign(thumb.dataset, { photo: id, state: "empty" });
  thumb.href = `photos/${id}/screen`;
  thumb.append(Object.assign(new Image(96, 96), { alt: say("photo.alt", { item: item.id }), decoding: "async" }));
  const strip = item.box.querySelector(".proof");
  strip.insertBefore(thumb, strip.querySelector(".shoot, .note"));
  return thumb;
}

/** How many there are, on their button; by script, because WebKit does not count anew what style sheets count. */
export function tally({ box, photos }) {
  const words = box.querySelector(".shoot span");
  if (photos) words.dataset.n = photos;
  else delete words.dataset.n;
}

function picture(thumb, blob) {
  const image = thumb.firstElementChild;
  URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(blob);
}

function takeAway(thumb) {
  URL.revokeObjectURL(thumb.firstElementChild.src);
  thumb.remove();
}

function listener(item, thumb) {
  return (state, message) => {
    const before = thumb.dataset.state;
    thumb.dataset.state = state;
    thumb.title = message ?? say(`state.${state}`);
    if (state === "server" && thumb.hidden) outAfterAll(thumb); // was on its way when it was withdrawn
    if (state === "refused") complain(item, message);
    if ((before === "refused") !== (state === "refused")) changed(item);
  };
}

/** Say what went wrong; `also`, beside what was said of others chosen with it. */
function complain(item, sentence, also = false) {
  const line = item.box.querySelector(".wrong") ?? item.box.querySelector(".proof").appendChild(make("p", "wrong"));
  line.setAttribute("role", "alert");
  line.textContent = also && line.textContent ? `${line.textContent} ${sentence}` : sentence;
}

/** It was taken out before this page was opened. */
export function removed(photo, itemOf) {
  const thumb = document.querySelector(`[data-photo="${photo}"]`);
  if (!thumb) return;
  thumb.hidden = true;
  tally(itemOf(thumb));
}

/** Say to the server that a photo it has is out of the findings. */
export function takeOut(thumb, reason = "", id = uuid()) {
  return keep("removals", { id, photo: thumb.dataset.photo, reason, removed_at: new Date().toISOString() });
}

/** It was withdrawn, and the server has it all the same. */
function outAfterAll(thumb) {
  thumb.putBack ??= hold(thumb, "");
}

/** As takeOut(), but sent only once nobody can take it back any more. Returns what takes it back. */
function hold(thumb, reason) {
  const id = uuid();
  holding.add(id);
  const { photo } = thumb.dataset;
  const kept = keepAs("held", { id, photo, reason, removed_at: new Date().toISOString() }).then((noted) => noted && store.forgetWithdrawn(photo));
  const timer = setTimeout(() => kept.then(() => release([id])).then(() => { holding.delete(id); sender()?.kick(true); }), UNDONE);
  return () => {
    clearTimeout(timer);
    return kept.then(() => supersede(id)).then(() => holding.delete(id));
  };
}

async function keepAs(state, row) {
  track(row.id, null, "empty");
  const kept = await put({ ...entryOf("removals", row), state });
  settle(row.id, kept);
  return kept;
}

/** What an earlier page took out and died with goes now; only once this page is the one that writes. */
export const takeOutLeft = () => releaseLeft(page.inspection, page.user, holding).then((any) => any && sender().kick(true));

/** Out of the findings; the photo itself stays where it is. What the server has never seen is simply not sent. */
export function remove(item, thumb, reason) {
  const id = thumb.dataset.photo;
  let back = null; // what takes the withdrawal back, once it has begun
  if (thumb.matches(":focus")) item.box.querySelector("[name=photo]")?.focus({ preventScroll: true }); // the keyboard goes on beside it
  thumb.hidden = true;
  delete item.box.dataset.returned; // it is being mended
  changed(item);
  (thumb.taking ?? Promise.resolve()).then(() => {
    if (!thumb.hidden || !thumb.isConnected) return;
    if (!held(id)) {
      back = hold(thumb, reason);
      return;
    }
    const done = supersede(id).then((sent) => { if (sent && thumb.hidden) outAfterAll(thumb); });
    marks.withdraw(id);
    back = () => done.then(() => thumb.putBack?.()).then(() => {
      delete thumb.putBack;
      return supersede(id, true); // its original goes on as well
    }).then(() => marks.withdraw(id, true));
  });
  offer(say("undo.photo", { item: item.id }), () => {
    thumb.hidden = false;
    back?.();
    changed(item);
  });
}

// The photos of an item: taking them in, their thumbnails, looking at one, taking one out.

import { develop } from "./camera.js";
import { uuid } from "./hash.js";
import { make } from "./make.js";
import * as marks from "./marks.js";
import { say } from "./say.js";
import { forget, held, keep, keepPhoto, retry, supersede } from "./sending.js";
import { button, show } from "./sheet.js";
import * as store from "./store.js";
import { offer } from "./undo.js";

const page = document.body.dataset;
let changed = () => {};

/** Begin; `after(item)` is called when an item's photos have changed. */
export function begin(after) { changed = after; }

/** Take in chosen files; `waits` are the names under which they count as unsent until they are kept. */
export async function take(item, files, waits, fromGallery) {
  for (const [i, file] of files.entries()) { // one at a time: a weak tablet holds one picture in memory, not ten
    try {
      const { row, files: made, preview } = await develop(file, { item: item.id, gallery: fromGallery, bytes: Number(page.photoBytes), pixels: Number(page.photoPixels) });
      await add(item, row, made, preview);
    } catch (why) {
      const room = why?.name === "QuotaExceededError";
      complain(item, say(why?.say ?? (room ? "photo.room" : "photo.unsaved"), why?.values));
    }
    forget(waits[i]);
  }
}

async function add(item, row, files, preview) {
  const thumb = place(item, row.id, preview);
  try {
    await keepPhoto(row, files, listener(item, thumb));
  } catch (error) {
    thumb.remove();
    throw error;
  }
  item.box.querySelector(".wrong")?.remove();
  item.touched = true;
  changed(item);
}

/** A photo that was kept on this device and is not at the server yet: shown again, and its listener. */
export function restore(item, entry) {
  const thumb = place(item, entry.row.id, null);
  const { working, sha256 } = entry.row;
  store.bytes(page.inspection, working ?? sha256, page.user).then((found) => { if (found) picture(thumb, new Blob([found], { type: "image/jpeg" })); });
  return listener(item, thumb);
}

function place(item, id, preview) {
  const thumb = make("a", "thumb");
  Object.assign(thumb.dataset, { photo: id, state: "empty" });
  thumb.append(Object.assign(new Image(96, 96), { alt: say("photo.alt", { item: item.id }) }));
  if (preview) picture(thumb, preview);
  const strip = item.box.querySelector(".proof");
  strip.insertBefore(thumb, strip.querySelector(".shoot, .note"));
  return thumb;
}

function picture(thumb, blob) {
  thumb.href = thumb.firstElementChild.src = URL.createObjectURL(blob);
}

function listener(item, thumb) {
  return (state, message) => {
    const before = thumb.dataset.state;
    thumb.dataset.state = state;
    thumb.title = message ?? say(`state.${state}`);
    if (state === "server" && thumb.hidden) takeOut(thumb); // was on its way when it was withdrawn
    if (state === "refused") complain(item, message);
    if ((before === "refused") !== (state === "refused")) changed(item);
  };
}

function complain(item, sentence) {
  const line = item.box.querySelector(".wrong") ?? item.box.querySelector(".proof").appendChild(make("p", "wrong"));
  line.setAttribute("role", "alert");
  line.textContent = sentence;
}

/** One photo, large, and what may be done with it. */
export function look(item, thumb) {
  const id = thumb.dataset.photo;
  const large = Object.assign(new Image(), { src: thumb.href, alt: thumb.firstElementChild.alt, className: "large" });
  const state = say(`state.${thumb.dataset.state}`);
  const acts = [];
  if (item.open) acts.push(button("button-danger", say("photo.remove"), () => remove(item, thumb)));
  if (thumb.dataset.state === "refused") {
    acts.unshift(button("button-secondary", say("photo.again"), () => supersede(id, true).then(retry)));
  }
  const box = make("div", "drawn", large), row = make("div", "row", ...acts);
  show(say("photo.title", { item: item.id }), [box, make("p", "soft", held(id)?.message ?? state), row]);
  marks.dress({ thumb, picture: large, box, acts: row, editable: item.open });
}

function takeOut(thumb) {
  keep("removals", { id: uuid(), photo: thumb.dataset.photo, reason: "", removed_at: new Date().toISOString() });
}

/** Out of the findings; the photo itself stays where it is. What the server has never seen is simply not sent. */
function remove(item, thumb) {
  const id = thumb.dataset.photo;
  thumb.hidden = true;
  const local = held(id);
  const done = local ? supersede(id) : null;
  if (local) marks.withdraw(id);
  const timer = local ? 0 : setTimeout(takeOut, 6_500, thumb);
  changed(item);
  offer(say("undo.photo", { item: item.id }), () => {
    clearTimeout(timer);
    thumb.hidden = false;
    if (done) done.then(() => supersede(id, true)).then(() => marks.withdraw(id, true));
    changed(item);
  });
}

// One photo, large, with its caption under the pixels, and what may be done with it; the ones beside it a tap away.

import { facts, pictureHere, recalled } from "./facts.js";
import { make } from "./make.js";
import * as marks from "./marks.js";
import { part } from "./parts.js";
import { remove } from "./photos.js";
import { reach } from "./reach.js";
import { say, there } from "./say.js";
import { held } from "./sending.js";
import { supersede } from "./shelving.js";
import { retry } from "./sent.js";
import { button, show } from "./sheet.js";
import { enlarge } from "./whole.js";

const REASONS = 4;
let url = null; // of the copy on this device that is being shown

const shownOf = (item) => [...item.box.querySelectorAll("[data-photo]:not([hidden])")];

/** Show a photo of `item`; `retake` is offered where another can be taken at once. */
export async function look(item, thumb, retake = null) {
  const here = await pictureHere(thumb);
  await reach("", () => part("photos"), () => {}); // without its words the photo can still be seen
  if (url) URL.revokeObjectURL(url);
  url = here && URL.createObjectURL(here);
  const all = shownOf(item), at = all.indexOf(thumb);
  const large = Object.assign(new Image(), { alt: thumb.firstElementChild.alt, className: "large" });
  large.onerror = () => { large.onerror = null; large.src = thumb.firstElementChild.src; }; // no network: the small one
  large.src = url ?? thumb.href;
  const to = (step) => look(item, all[(at + step + all.length) % all.length], retake).then(() => focus(step));
  const box = make("div", "drawn", large), frame = make("div", "looking", box), row = make("div", "row", ...offered(item, thumb, retake));
  large.addEventListener("click", () => box.parentElement === frame && enlarge(box));
  row.append(button("button-secondary", say("photo.enlarge"), () => enlarge(box), false));
  if (all.length > 1) frame.append(turner("earlier", () => to(-1)), turner("later", () => to(1)));
  frame.addEventListener("keydown", ({ key }) => { if (all.length > 1 && /^Arrow(Left|Right)$/.test(key)) to(key === "ArrowLeft" ? -1 : 1); });
  show(say("photo.title", { item: item.id }), [frame, caption(thumb, at + 1, all.length), state(thumb), row], put);
  marks.dress({ thumb, picture: large, box, acts: row, editable: item.open });
}

function put() {
  if (url) URL.revokeObjectURL(url);
  url = null;
}

function turner(which, act) {
  const made = make("button", `button button-secondary button-icon ${which}`, make("span", "unseen", say(`photo.${which}`)));
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

function focus(step) {
  document.querySelector(`.looking .${step < 0 ? "earlier" : "later"}`)?.focus();
}

/** Number, moment, place, source and the beginning of the hash; of photos from elsewhere most of it comes a moment later. */
function caption(thumb, number, count) {
  const line = make("p", "caption");
  const write = (known) => line.replaceChildren(make("b", "", say("photo.number", { number, count })), ...words(known));
  write(facts(thumb));
  recalled(thumb).then((known) => known && write(known), () => {});
  return line;
}

function words({ taken_at, source, lat, lon, accuracy, sha256 }) {
  const line = [];
  if (taken_at) {
    const { day, time } = there(taken_at);
    const about = accuracy ? ` ± ${Math.round(accuracy)} m` : "";
    line.push(make("span", "", `${time} ${day}`));
    line.push(make("span", "", Number.isFinite(lat) ? `${lat.toFixed(5)}; ${lon.toFixed(5)}${about}`.replaceAll(".", ",") : say("photo.nowhere")));
  }
  if (source) line.push(make("span", `source ${source}`, say(`photo.${source}`)));
  if (sha256) line.push(make("span", "hash", sha256.slice(0, 12)));
  return line;
}

function state(thumb) {
  return make("p", "soft", held(thumb.dataset.photo)?.message ?? say(`state.${thumb.dataset.state}`));
}

function offered(item, thumb, retake) {
  const made = [];
  const id = thumb.dataset.photo;
  if (thumb.dataset.state === "refused") made.unshift(button("button-secondary", say("photo.again"), () => supersede(id, true).then(retry)));
  if (!item.open) return made;
  if (retake) made.push(button("button-secondary", say("photo.retake"), () => retake(thumb)));
  made.push(held(id) ? button("button-danger", say("photo.remove"), () => remove(item, thumb))
    : button("button-danger", say("photo.remove"), () => ask(item, thumb), false));
  return made;
}

/** What the server has already is taken out with a reason: one tap on a ready one, or own words. */
function ask(item, thumb) {
  const ready = Array.from({ length: REASONS }, (_, i) => say(`photo.reason.${i + 1}`)).filter(Boolean);
  const words = Object.assign(make("input", "reason"), { type: "text", maxLength: 500, autocomplete: "off" });
  const own = button("button-secondary", say("photo.remove"), () => remove(item, thumb, words.value.normalize("NFC").trim()));
  show(say("photo.why"), [
    make("div", "row", ...ready.map((reason) => button("button-secondary", reason, () => remove(item, thumb, reason)))),
    make("label", "reasons", say("photo.other"), words), make("div", "row", own),
  ]);
}

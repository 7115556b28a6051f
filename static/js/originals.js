// When the untouched originals may be sent: at once, or only over Wi-Fi; where the browser does not tell which line it is
// on, the second means when the person says so. What the server refused of them is a matter as long as its photo stands.

import { stands } from "./facts.js";
import { make } from "./make.js";
import { lines } from "./rows.js";
import { say } from "./say.js";
import { held, lookers, sender, things } from "./sending.js";
import { retry } from "./sent.js";
import { shelveOriginal } from "./shelving.js";
import { wantedBy } from "./store.js";
import { changed, mayGo } from "./wifi.js";

let pressed = false; // holds until nothing waits any more
const over = new Set(); // photos that are out, and whose original the server refused
const asked = new Set(); // photos of which the server was asked whether they stand

/** Begin: the outbox asks here, and is told when the line has changed. */
export function begin() {
  Object.assign(sender(), { originalsMaySend: maySend, itemOf });
  lookers.add(passOver);
  addEventListener("online", () => asked.clear());
  changed(() => { if (sender().resting) retry(); });
}

/** Whether `n` originals that wait may go now. */
async function maySend(n) {
  if (!n) pressed = false;
  return pressed || mayGo();
}

/** What waits for Wi-Fi, and a button that sends it now; nothing when nothing waits. Its words come with part "room". */
export function waiting() {
  const n = sender().resting;
  if (!n) return [];
  const send = make("button", "button button-secondary", say("originals.send"));
  send.type = "button";
  send.addEventListener("click", () => {
    pressed = true;
    send.disabled = true;
    retry();
  });
  return [make("p", "", say("originals.waiting", { n })), make("div", "row", send)];
}

const thumbOf = (photo) => document.querySelector(`#main [data-photo="${photo}"]`);

/** The item that has the photo of a file, or "": of a file that several photos share, one that stands. */
export function itemOf(file) {
  const thumbs = Object.keys(wantedBy(file)).map(thumbOf).filter(Boolean);
  return (thumbs.find(({ hidden }) => !hidden) ?? thumbs[0])?.closest("[data-item]").dataset.item ?? "";
}

/** Whenever something has changed: who takes a photo out ends the matter of its refused original, and who puts it back
 *  takes it up again. */
function passOver() {
  for (const [key, { state }] of things) {
    if (state === "refused" && lines.has(key)) Object.keys(wantedBy(lines.get(key))).forEach(ended);
  }
  for (const photo of over) {
    if (thumbOf(photo)?.hidden ?? true) continue;
    over.delete(photo);
    shelveOriginal(photo, true);
  }
}

/** A photo that is not shown may have been taken out before this page was drawn, or stand only at the server. */
async function ended(photo) {
  const thumb = thumbOf(photo);
  if (over.has(photo) || (thumb ? !thumb.hidden : held(photo))) return;
  if (!thumb) {
    if (asked.has(photo)) return;
    asked.add(photo);
    if ((await stands(photo)) !== false) return;
  }
  over.add(photo);
  shelveOriginal(photo);
}

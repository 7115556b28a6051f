// From a chosen file to a photo's row and its bytes. The work is done in a worker (darkroom.js); where there is none,
// here. Never waits for the position.

import { errand } from "./errands.js";
import * as here from "./shrink.js";

const JUST_NOW = 2 * 60_000;
let place = null;
let asked = 0;

/** Ask where we are, at most every two minutes; called when the camera is about to open. */
export function locate() {
  if (Math.abs(Date.now() - asked) < JUST_NOW || !navigator.geolocation) return;
  asked = Date.now();
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => { place = { lat: coords.latitude, lon: coords.longitude, accuracy: coords.accuracy, at: Date.now() }; },
    () => {}, { enableHighAccuracy: true, maximumAge: 60_000, timeout: 20_000 });
}

/** A photo named `id` of `item` from `file`: {row, files: [{sha256, role, type, buffer}], thumb: Blob or undefined}.
 *  `shown(thumb)` hears of the thumbnail early. Throws {say, values}: the name of the sentence that says why not. */
export async function develop(file, { id, item, source, bytes: limit, pixels }, shown) {
  const name = file.name;
  if (file.size > limit) throw { say: "photo.large", values: { name, limit: Math.floor(limit / 2 ** 20) } };
  const found = await made("develop", { file, pixels }, shown).catch((why) => { throw why?.say ? { say: why.say, values: { name } } : why; });
  const original = { sha256: found.sha256, role: "original", type: file.type || "application/octet-stream", buffer: found.buffer };
  const working = found.working && { sha256: found.workingSha, role: "working", type: "image/jpeg", buffer: found.working };
  const old = Date.now() - file.lastModified > JUST_NOW;
  const fresh = place && Math.abs(Date.now() - place.at) < 5 * JUST_NOW ? place : {};
  return {
    row: {
      id, item, sha256: original.sha256, working: working?.sha256 ?? null,
      taken_at: new Date(source !== "camera" && file.lastModified ? file.lastModified : Date.now()).toISOString(),
      source: source === "camera" && old ? "gallery" : source,
      lat: fresh.lat ?? null, lon: fresh.lon ?? null, accuracy: fresh.accuracy ?? null,
    },
    files: working ? [working, original] : [original], thumb: found.thumb,
  };
}

/** A thumbnail of a picture that is here already, or null. */
export async function thumbnail(blob) {
  return (await made("miniature", { file: blob }).catch(() => ({}))).thumb ?? null;
}

async function made(work, given, early) {
  return (await errand({ work, ...given }, early)) ?? here[work](given, early);
}

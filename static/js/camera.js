// From a chosen file to a photo's row and its bytes. The work is done in a worker (darkroom.js); where there is none,
// here. Never waits for the position.

import * as here from "./shrink.js";

const JUST_NOW = 2 * 60_000;
let place = null;
let asked = 0;
let room = null; // the worker; false when there can be none
let turn = 0;

/** Ask where we are, at most every two minutes; called when the camera is about to open. */
export function locate() {
  if (Date.now() - asked < JUST_NOW || !navigator.geolocation) return;
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
  const made = await ask({ work: "develop", file, pixels }, shown).catch((why) => { throw why?.say ? { say: why.say, values: { name } } : why; });
  const original = { sha256: made.sha256, role: "original", type: file.type || "application/octet-stream", buffer: made.buffer };
  const working = made.working && { sha256: made.workingSha, role: "working", type: "image/jpeg", buffer: made.working };
  const old = Date.now() - file.lastModified > JUST_NOW;
  const fresh = place && Date.now() - place.at < 5 * JUST_NOW ? place : {};
  return {
    row: {
      id, item, sha256: original.sha256, working: working?.sha256 ?? null,
      taken_at: new Date(source !== "camera" && file.lastModified ? file.lastModified : Date.now()).toISOString(),
      source: source === "camera" && old ? "gallery" : source,
      lat: fresh.lat ?? null, lon: fresh.lon ?? null, accuracy: fresh.accuracy ?? null,
    },
    files: working ? [working, original] : [original], thumb: made.thumb,
  };
}

/** A thumbnail of a picture that is here already, or null. */
export async function thumbnail(blob) {
  return (await ask({ work: "miniature", file: blob }).catch(() => ({}))).thumb ?? null;
}

/** Have the worker do it; a worker that cannot start or dies is replaced by the page itself. */
async function ask(question, shown = () => {}) {
  if (room === null) room = globalThis.Worker && globalThis.OffscreenCanvas ? hire() : false;
  if (room) {
    const answer = await errand(room, { ...question, n: ++turn }, shown);
    if (answer) return answer;
    room = false;
  }
  return here[question.work](question, shown);
}

function hire() {
  try {
    return new Worker(new URL("./darkroom.js", import.meta.url), { type: "module" });
  } catch {
    return false;
  }
}

/** Resolves to null when the worker itself fails. */
function errand(worker, question, shown) {
  return new Promise((done, fail) => {
    const heard = ({ data }) => {
      if (data.n !== question.n) return;
      if (data.thumb) return shown(data.thumb);
      leave();
      if (data.done) done(data.done);
      else if (data.why.say) fail(data.why);
      else done(null);
    };
    const broken = () => { leave(); done(null); };
    const leave = () => { worker.removeEventListener("message", heard); worker.removeEventListener("error", broken); };
    worker.addEventListener("message", heard);
    worker.addEventListener("error", broken);
    worker.postMessage(question);
  });
}

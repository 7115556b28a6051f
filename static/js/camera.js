// From a chosen file to a photo's row and its bytes: the untouched original is hashed before anything else,
// then an upright working copy without metadata is made. Never waits for the position.

import { sha256, uuid } from "./hash.js";

const EDGE = 2048;
const QUALITY = 0.82;
const JUST_NOW = 2 * 60_000;
let place = null;
let asked = 0;

/** Ask where we are, at most every two minutes; called when the camera is about to open. */
export function locate() {
  if (Date.now() - asked < JUST_NOW || !navigator.geolocation) return;
  asked = Date.now();
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => { place = { lat: coords.latitude, lon: coords.longitude, accuracy: coords.accuracy, at: Date.now() }; },
    () => {}, { enableHighAccuracy: true, maximumAge: 60_000, timeout: 20_000 });
}

/** A photo of `item` from `file`: {row, files: [{sha256, role, type, buffer}], preview: Blob}.
 *  Throws {say, values}: the name of the sentence that says why not. */
export async function develop(file, { item, gallery, bytes: limit, pixels }) {
  const name = file.name;
  if (file.size > limit) throw { say: "photo.large", values: { name, limit: Math.floor(limit / 2 ** 20) } };
  const buffer = await file.arrayBuffer().catch(() => null);
  if (!buffer?.byteLength) throw { say: "photo.empty", values: { name } };
  const original = { sha256: await sha256(buffer), role: "original", type: file.type || "application/octet-stream", buffer };
  const copy = await shrink(file, buffer, pixels);
  const files = copy ? [{ sha256: await sha256(copy.buffer), role: "working", type: "image/jpeg", buffer: copy.buffer }, original] : [original];
  const fresh = place && Date.now() - place.at < 5 * JUST_NOW ? place : {};
  const taken = gallery && file.lastModified ? file.lastModified : Date.now();
  return {
    row: {
      id: uuid(), item, sha256: original.sha256, working: copy ? files[0].sha256 : null, taken_at: new Date(taken).toISOString(),
      source: gallery || Date.now() - file.lastModified > JUST_NOW ? "gallery" : "camera",
      lat: fresh.lat ?? null, lon: fresh.lon ?? null, accuracy: fresh.accuracy ?? null,
    },
    files, preview: copy?.blob ?? file,
  };
}

/** The working copy {blob, buffer}; null when the browser cannot read the picture (HEIC): then the server makes it. */
async function shrink(file, buffer, pixels) {
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    const mark = String.fromCharCode(...new Uint8Array(buffer, 4, Math.min(4, Math.max(0, buffer.byteLength - 4))));
    if (mark === "ftyp") return null;
    throw { say: "photo.empty", values: { name: file.name } };
  }
  const { width, height } = picture;
  try {
    if (width * height > pixels) throw { say: "photo.pixels", values: { name: file.name } };
    const share = Math.min(1, EDGE / Math.max(width, height));
    const w = Math.max(1, Math.round(width * share)), h = Math.max(1, Math.round(height * share));
    const small = share < 1 ? await createImageBitmap(picture, { resizeWidth: w, resizeHeight: h, resizeQuality: "high" }).catch(() => picture) : picture;
    const blob = await draw(small, w, h);
    if (small !== picture) small.close();
    return blob && { blob, buffer: await blob.arrayBuffer() };
  } finally {
    picture.close();
  }
}

async function draw(picture, w, h) {
  if (globalThis.OffscreenCanvas) {
    const canvas = new OffscreenCanvas(w, h);
    canvas.getContext("2d").drawImage(picture, 0, 0, w, h);
    return canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
  }
  const canvas = Object.assign(document.createElement("canvas"), { width: w, height: h });
  canvas.getContext("2d").drawImage(picture, 0, 0, w, h);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
}

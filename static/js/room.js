// Room on this device: asked to last, measured, said in photos. Close to full new photos stop; answers never do.

import { make } from "./make.js";
import { part } from "./parts.js";
import { say } from "./say.js";
import * as store from "./store.js";

const PHOTO = 6_000_000; // original and copy of a 12-megapixel camera, until this device's own mean is known
const LOW = 500 * 2 ** 20;
const FULL = 0.95;
const SIZES = "photo-sizes"; // {n, bytes} of the photos kept on this device
let asked = null;

/** Ask the browser once to keep what is here even when the device runs out of room: true, false, null when it cannot be asked. */
export function persist() {
  return (asked ??= ask());
}

async function ask() {
  try {
    return (await navigator.storage.persisted()) || (await navigator.storage.persist());
  } catch {
    return null;
  }
}

/** {quota, used, photos, low, full}: how many photos of this device's size still fit. Null where browsers do not tell. */
export async function measure() {
  const { quota, usage } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
  if (!quota) return null;
  const known = await store.fact(SIZES);
  const left = Math.max(0, quota * FULL - usage);
  const photos = Math.floor(left / (known?.n ? known.bytes / known.n : PHOTO));
  return { quota, used: usage, photos, low: left < LOW, full: left <= 0 };
}

/** Throws {say} when there is no room for another photo. */
export async function makeSure() {
  if ((await measure())?.full) throw { say: "photo.room" };
}

/** The files of a photo were kept: how large photos are on this device. */
export async function learn(files) {
  const known = (await store.fact(SIZES)) ?? { n: 0, bytes: 0 };
  const bytes = files.reduce((sum, file) => sum + file.buffer.byteLength, 0);
  store.setFact(SIZES, { n: known.n + 1, bytes: known.bytes + bytes });
}

/** «~1.240»: never more exact than it is. */
export function roughly(n) {
  const step = n < 100 ? 1 : n < 10_000 ? 10 : 1_000;
  return (Math.floor(n / step) * step).toLocaleString("vi-VN");
}

/** The gauge and what it means, to be put into a sheet or a page. Empty while its words cannot be had. */
export async function gauge() {
  try {
    await part("room");
  } catch {
    return [];
  }
  const [found, lasting] = [await measure(), await persist()];
  const nodes = [];
  if (found) {
    const share = Math.min(1, found.used / found.quota);
    const bar = Object.assign(document.createElement("meter"), { max: 1, high: 0.8, optimum: 0, value: share });
    const words = make("span", "", say(found.full ? "room.full" : found.low ? "room.low" : "room.left", { n: roughly(found.photos) }));
    const label = make("label", "room", words, bar);
    label.dataset.room = found.full ? "full" : found.low ? "low" : "enough";
    nodes.push(label);
  } else nodes.push(make("p", "", say("room.unknown")));
  nodes.push(make("p", "soft", say(lasting ? "room.lasting" : "room.passing")));
  return nodes;
}

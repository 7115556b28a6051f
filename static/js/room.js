// Room on this device: asked to last, measured, said in photos. Close to full new photos stop; answers never do.

import { spare, tidy } from "./acked.js";
import { errand } from "./errands.js";
import { make } from "./make.js";
import { part } from "./parts.js";
import { say } from "./say.js";
import * as store from "./store.js";

const PHOTO = 6_000_000; // original and copy of a 12-megapixel camera, until this device's own mean is known
const LOW = 500 * 2 ** 20;
const FULL = 0.95;
const MOST = 2 ** 31; // as far as is looked where browsers do not tell
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

/** {used, quota, left, more, photos, low, full}: how many photos of this device's size still fit; `more` when it may be
 *  more than that. Null where nobody can tell. */
export async function measure() {
  const told = await estimate();
  if (!told) return null;
  const { used, invented } = told;
  let { left, quota, more } = { ...told, more: false };
  if (invented) {
    const { left: found } = (await errand({ work: "left", most: MOST })) ?? {};
    if (!found || (found.more && found.bytes < LOW)) return null; // given up so early, it would only frighten
    more = found.more;
    quota = used + found.bytes;
    left = more ? found.bytes : Math.max(0, quota * FULL - used);
  }
  left += await spare();
  return { used, quota, left, more, photos: Math.floor(left / await mean()), low: !more && left < LOW, full: !more && left <= 0 };
}

/** How large a photo is on this device. */
async function mean() {
  const known = await store.fact(SIZES);
  return known?.n ? known.bytes / known.n : PHOTO;
}

/** Whether less than half a gigabyte is left, where the browser tells without being tried. */
export async function tight() {
  const told = await estimate();
  return Boolean(told && !told.invented && told.left < LOW);
}

async function estimate() {
  const { quota, usage: used } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
  if (!quota) return null;
  return { quota, used, left: Math.max(0, quota * FULL - used), invented: (quota - used) % 2 ** 30 === 0 };
}

/** Throws {say} when there is no room for another photo. Room that only holds what the server has is given up for it. */
export async function makeSure() {
  const full = !(await fits());
  const given = full || await tight() ? await tidy(2 * await mean()) : 0;
  if (full && !given) throw { say: "photo.room" };
}

async function fits() {
  const told = await estimate();
  if (!told?.invented) return !told || told.left > 0;
  return (await errand({ work: "fits", size: told.used * (1 / FULL - 1) }))?.fits ?? true;
}

/** The files of a photo were kept: how large photos are on this device. */
export async function learn(files) {
  const known = (await store.fact(SIZES)) ?? { n: 0, bytes: 0 };
  const bytes = files.reduce((sum, file) => sum + file.buffer.byteLength, 0);
  store.setFact(SIZES, { n: known.n + 1, bytes: known.bytes + bytes });
}

/** 1.240: never more exact than it is. */
function roughly(n) {
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
  if (found && !found.more) {
    const bar = Object.assign(document.createElement("meter"), { max: 1, high: 0.8, optimum: 0, value: Math.min(1, found.used / found.quota) });
    const label = make("label", "room", make("span", "", words(found)), bar);
    label.dataset.room = found.full ? "full" : found.low ? "low" : "enough";
    nodes.push(label);
  } else nodes.push(make("p", "", found ? words(found) : say("room.unknown")));
  nodes.push(make("p", "soft", say(lasting ? "room.lasting" : "room.passing")));
  return nodes;
}

/** The gauge in words. */
export function words({ full, low, more, photos }) {
  return say(full ? "room.full" : low ? "room.low" : more ? "room.more" : "room.left", { n: roughly(photos) });
}

// What is known of a photo: from the page, or because it was born on this device and is perhaps still here.

import * as pages from "./pages.js";
import { held } from "./sending.js";
import * as store from "./store.js";

const page = document.body.dataset;
const FEW = 12;
const fresh = new Map(); // photo → its picture
const rows = new Map(); // photo → its row: born here, or told

/** A photo of this device has this row. The pictures of the last few stay at hand: the server needs a moment to make its own. */
export function born(row, files = []) {
  rows.set(row.id, row);
  const working = files.find((file) => file.role === "working");
  if (!working) return;
  if (fresh.size >= FEW) fresh.delete(fresh.keys().next().value);
  fresh.set(row.id, new Blob([working.buffer], { type: working.type }));
}

/** {taken_at, source, lat, lon, accuracy, sha256, working} of a photo that was born here; of others the hash alone. */
export function facts(thumb) {
  return rows.get(thumb.dataset.photo) ?? { sha256: thumb.dataset.sha256 };
}

/** Every photo that stands on the page, taken here or not: [{photo, sha256}]; one that is only being taken in has no hash yet. */
export function shownPhotos() {
  const thumbs = [...document.querySelectorAll("#main [data-photo]:not([hidden], [data-state=refused])")];
  return thumbs.map((thumb) => ({ photo: thumb.dataset.photo, sha256: facts(thumb).sha256 })).filter(({ sha256 }) => sha256);
}

/** The facts of any photo, from what is kept of the visit or from the server; undefined when neither can say now. */
export async function recalled(thumb) {
  const id = thumb.dataset.photo;
  if (!rows.has(id)) learn(await kept());
  if (!rows.has(id)) learn(await asked());
  return rows.get(id);
}

const visit = `${page.sync}/inspections/${page.inspection}`;
const learn = (told) => { for (const row of told?.rows?.photos ?? []) if (!rows.has(row.id)) rows.set(row.id, row); };

/** Whether a photo is among those of the findings, as the server has them; undefined when it cannot say now. */
export async function stands(photo) {
  const told = await asked();
  return told?.rows.photos.some(({ id }) => id === photo);
}

async function kept() {
  const found = await pages.page(page.user, visit);
  return found && JSON.parse(new TextDecoder().decode(found.buffer));
}

async function asked() {
  const answer = await fetch(visit, { cache: "no-store", redirect: "error", headers: { Accept: "application/json" }, signal: AbortSignal.timeout?.(20_000) }).catch(() => null);
  return answer?.ok ? answer.json().catch(() => null) : null;
}

/** The picture of a photo as far as this device holds it, or null: then the server has it. */
export async function pictureHere(thumb) {
  const at = fresh.get(thumb.dataset.photo);
  if (at) return at;
  const { working, sha256 } = facts(thumb);
  const found = held(thumb.dataset.photo) && await store.bytes(page.inspection, working ?? sha256, page.user).catch(() => null);
  return found ? new Blob([found], { type: "image/jpeg" }) : null;
}

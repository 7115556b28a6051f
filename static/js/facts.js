// What is known of a photo: from the page, or because it was born on this device and is perhaps still here.

import { held } from "./sending.js";
import * as store from "./store.js";

const page = document.body.dataset;
const FEW = 12;
const fresh = new Map(); // photo → its picture
const rows = new Map(); // photo → its row, as far as it was born here

/** A photo of this device has this row. The pictures of the last few stay at hand: the server needs a moment to make its own. */
export function born(row, files = []) {
  rows.set(row.id, row);
  const working = files.find((file) => file.role === "working");
  if (!working) return;
  if (fresh.size >= FEW) fresh.delete(fresh.keys().next().value);
  fresh.set(row.id, new Blob([working.buffer], { type: working.type }));
}

/** {taken_at, source, lat, lon, accuracy, sha256, working}, as far as they are known. */
export function facts(thumb) {
  const row = rows.get(thumb.dataset.photo);
  if (row) return row;
  const [taken_at, source, lat, lon, accuracy] = (thumb.dataset.facts ?? "").split(" ");
  return { taken_at, source, lat, lon, accuracy, sha256: thumb.dataset.sha256 };
}

/** The picture of a photo as far as this device holds it, or null: then the server has it. */
export async function pictureHere(thumb) {
  const at = fresh.get(thumb.dataset.photo);
  if (at) return at;
  const { working, sha256 } = facts(thumb);
  const found = held(thumb.dataset.photo) && await store.bytes(page.inspection, working ?? sha256, page.user).catch(() => null);
  return found ? new Blob([found], { type: "image/jpeg" }) : null;
}

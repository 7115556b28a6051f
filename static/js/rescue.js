// The rescue package: everything of this visit that is only here, as a file that the office can take in.

import { sha256 } from "./hash.js";
import { part } from "./parts.js";
import { say } from "./say.js";
import { sender } from "./sending.js";
import * as store from "./store.js";
import { Zip } from "./zip.js";

const API = 3;
const ENDINGS = { "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic", "image/heif": "heif" };
const page = document.body.dataset;

/** Make the package and hand it over; how that went is said in `place`. */
export async function hand(place) {
  await part("leaving");
  place.textContent = say("rescue.making");
  const { file, rows, photos, lost } = await pack();
  if (!file) return void (place.textContent = say("rescue.none"));
  store.log({ inspection: page.inspection, user: page.user, what: "rescue", result: "exported", bytes: file.size });
  const shared = navigator.canShare?.({ files: [file] }) && (await navigator.share({ files: [file] }).then(() => true, () => false));
  if (!shared) download(file);
  place.textContent = say(lost ? "rescue.lost" : "rescue.done", { name: file.name, rows, photos, lost });
}

/** {file, rows, photos, lost}; without a file when nothing is left here. */
async function pack() {
  const { rows: entries, files } = await store.waiting(page.inspection, page.user);
  const readable = entries.filter((entry) => entry.problem !== "sealed");
  if (!readable.length && !files.length) return {};
  const made = new Date(), zip = new Zip(made), hashes = {};
  const rows = {};
  for (const { kind, row } of readable) (rows[kind] ??= []).push(row);
  await put(zip, hashes, "rows.json", json(rows));
  let photos = 0;
  for (const { sha256: sha, type } of files) { // one at a time: a weak tablet holds one picture in memory, not forty
    const buffer = await store.bytes(page.inspection, sha, page.user).catch(() => null);
    if (!buffer || (await sha256(buffer)) !== sha) continue;
    await put(zip, hashes, `photos/${sha}.${ENDINGS[type] ?? "bin"}`, buffer);
    photos++;
  }
  zip.add("manifest.json", json({
    format: "rescue/1", api: API, inspection: page.inspection, user: page.user, app_version: sender()?.version ?? "", made_at: made.toISOString(), files: hashes }));
  const name = `kiemtra-${made.toISOString().slice(0, 16).replace(/\D/g, "")}-${page.inspection.slice(0, 8)}.zip`;
  return { file: new File([zip.blob()], name, { type: "application/zip" }), rows: readable.length, photos, lost: files.length - photos + entries.length - readable.length };
}

async function put(zip, hashes, name, buffer) {
  if (name in hashes) return;
  hashes[name] = await sha256(buffer);
  zip.add(name, buffer);
}

const json = (said) => new TextEncoder().encode(JSON.stringify(said)).buffer;

function download(file) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: file.name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 600_000); // the browser may still be writing it
}

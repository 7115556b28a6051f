// What stands on the page, row by row, and the digest by which a signature vouches for just that; rules/closing.py reckons
// the same on the server.

import { standing } from "./beside.js";
import { shownPhotos } from "./facts.js";
import { sha256 } from "./hash.js";
import * as pages from "./pages.js";

const PATIENCE = 4_000;
const page = document.body.dataset;
const path = `${page.sync}/inspections/${page.inspection}`;

/** What the server says of this visit, now or when it was kept here last: {told, live}; told is null when neither is here. */
export async function told() {
  try {
    const answer = await fetch(path, { cache: "no-store", redirect: "error", signal: AbortSignal.timeout?.(PATIENCE) });
    const said = answer.ok ? await answer.json() : null;
    if (said?.rows) return { told: said, live: true };
  } catch { /* no network: what is kept here */ }
  const here = await pages.page(page.user, path);
  return { told: here ? JSON.parse(new TextDecoder().decode(here.buffer)) : null, live: false };
}

/** The lines of everything that this page shows, and of nothing else: only that is read out before somebody signs. */
export function lines(items, rows) {
  const boxes = (mark) => [...document.querySelectorAll(`#main [data-${mark}]`)].flatMap((box) => standing(box, rows?.[mark]));
  const all = (letter, ids) => ids.filter(Boolean).map((id) => `${letter} ${id}`);
  return [
    ...all("a", [...items.values()].map(({ box, row, shown }) => (box.querySelector("[data-sides]") ? shown : row ?? shown))), // of two sides the newer
    ...shownPhotos().map(({ photo, sha256: sha }) => `p ${photo} ${sha}`),
    ...all("e", boxes("equipment")), ...all("r", boxes("remark")),
  ];
}

/** The digest of those lines and a meeting. */
export function digest(meeting, stands) {
  const text = [page.inspection, ...[...stands, `m ${meeting}`].sort()].join("\n");
  return sha256(new TextEncoder().encode(text).buffer);
}

/** Items for which the server has an answer or a photo that this page does not know: somebody else's work that was not read
 *  out. */
export function differing(items, rows) {
  const foreign = (rows?.answers ?? []).filter(({ id, item }) => items.has(item) && !items.get(item).seen.includes(id));
  const missing = (rows?.photos ?? []).filter(({ id }) => !document.querySelector(`[data-photo="${id}"]`));
  return [...new Set([...foreign, ...missing].map(({ item }) => item))];
}

// What stands on the page, row by row, and the digest by which a signature vouches for just that; rules/closing.py reckons
// the same on the server.

import { latest } from "./extras.js";
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

/** The lines of everything that stands: rows made on this page before those that the server told of. */
export function lines(items, rows) {
  const server = (kind, key) => new Map((rows?.[kind] ?? []).map((row) => [row[key], row.id]));
  const [answers, equipment, remarks] = [server("answers", "item"), server("equipment", "kind"), server("remarks", "kind")];
  const boxes = (mark, known) => [...document.querySelectorAll(`[data-${mark}]`)].map((box) => latest.get(box) ?? known.get(box.dataset[mark]));
  const all = (letter, ids) => ids.filter(Boolean).map((id) => `${letter} ${id}`);
  return [
    ...all("a", [...items.values()].map((item) => item.row ?? answers.get(item.id))),
    ...shownPhotos().map(({ photo, sha256: sha }) => `p ${photo} ${sha}`),
    ...all("e", boxes("equipment", equipment)), ...all("r", boxes("remark", remarks)),
  ];
}

/** The digest of those lines and a meeting. */
export function digest(meeting, standing) {
  const text = [page.inspection, ...[...standing, `m ${meeting}`].sort()].join("\n");
  return sha256(new TextEncoder().encode(text).buffer);
}

/** Items for which the server has another answer than this page shows: somebody else's work that was not read out. */
export function differing(items, rows) {
  const words = ({ value, number, of, note }) => JSON.stringify([value ?? null, number ?? null, of ?? null, note ?? ""]);
  return (rows?.answers ?? []).filter((row) => {
    const item = items.get(row.item);
    return item && !item.row && words(item.answer) !== words(row);
  }).map((row) => row.item);
}

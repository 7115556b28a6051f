// The rows that arrived after a visit's page was kept here, sealed: an old page opened without a network shows them all the
// same (shell.js). Written down before the rows themselves leave the device, so that no crash falls between the two.

import { draft, setDraft } from "./drafts.js";

const name = (inspection) => `arrived ${inspection}`;
let turn = Promise.resolve();

/** One after the other, in all pages: two changes of one list must not cross. Never rejects. */
function alter(user, inspection, change) {
  const work = async () => {
    const now = change((await draft(user, name(inspection))) ?? []);
    await setDraft(user, name(inspection), now.length ? now : undefined);
  };
  turn = turn.then(() => (navigator.locks ? navigator.locks.request(name(inspection), work) : work())).catch(() => {});
  return turn;
}

/** The server has these rows; the kept page may not show them yet. A photo that was taken out again is not shown. */
export function arrived(user, inspection, entries) {
  return alter(user, inspection, (known) => {
    const gone = new Set(entries.filter(({ kind }) => kind === "removals").map(({ row }) => row.photo));
    const all = [...known, ...entries.map(({ kind, row }) => ({ kind, row, at: Date.now() }))];
    return all.filter(({ kind, row }) => kind !== "photos" || !gone.has(row.id));
  });
}

/** The ids of the rows that have arrived by now: a page that is asked for from here on shows them. */
export const here = async (user, inspection) => new Set(((await draft(user, name(inspection))) ?? []).map(({ row }) => row.id));

/** The page was kept anew, and shows the rows with these ids. */
export const settle = (user, inspection, ids) => alter(user, inspection, (known) => known.filter(({ row }) => !ids.has(row.id)));

/** Show what arrived while this page was on its way: the server drew it before, another page here sent it meanwhile. What arrived
 *  earlier stands on the page, unless somebody has answered anew or taken the photo out since. */
export async function catchUp(items, found) {
  const { user, inspection } = document.body.dataset;
  const all = (await draft(user, name(inspection)).catch(() => null)) ?? [];
  const meanwhile = all.filter(({ at }) => at >= performance.timeOrigin);
  const newest = new Map(meanwhile.map((entry) => [entry.kind === "answers" ? entry.row.item : entry.row.id, entry]));
  for (const entry of newest.values()) if (!shows(items.get(entry.row.item), entry)) found(entry)?.("server");
}

function shows(item, { kind, row }) {
  if (kind === "photos") return document.querySelector(`[data-photo="${row.id}"]`);
  return kind !== "answers" || !item || item.row || item.seen.includes(row.id);
}

// The way to the closing meeting.

import { fetched } from "./reach.js";

/** Open the screen of the closing meeting. */
export async function meet(visit) {
  const found = await fetched("meeting", document.querySelector("#meeting h2").textContent);
  if (found) await found[0].open(visit, found[1]);
}

/** Where this tab was in the meeting, for when it is reloaded or brought back: "", "open" or "pad". */
export function place(where) {
  const name = `meeting ${document.body.dataset.inspection}`;
  try {
    if (where === undefined) return sessionStorage.getItem(name) ?? "";
    sessionStorage.setItem(name, where);
  } catch { /* a browser that keeps nothing: the meeting is opened by hand */ }
  return where ?? "";
}

/** Back into the meeting, if this tab was in the middle of it and nobody went there faster. */
export function rejoin(visit) {
  if (place() && !document.querySelector("dialog[open]")) meet(visit);
}

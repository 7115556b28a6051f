// The way to the closing meeting: fetches its screen, tells when it cannot be had.

import { make } from "./make.js";
import { part, script } from "./parts.js";
import { say } from "./say.js";
import { show } from "./sheet.js";

/** Open the screen of the closing meeting. */
export async function meet(visit) {
  try {
    const [{ open }, doc] = await Promise.all([script("meeting"), part("meeting")]);
    await open(visit, doc);
  } catch (error) {
    console.warn(error);
    show(document.querySelector("#meeting h2").textContent, [make("p", "", say("guide.away"))]);
  }
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

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

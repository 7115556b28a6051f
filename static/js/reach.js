// What somebody has asked for and what has to be fetched first: while that takes long it is said, and when it fails.

import { make } from "./make.js";
import { part, script } from "./parts.js";
import { say } from "./say.js";
import { show } from "./sheet.js";

const SOON = 500;

/** What `work()` fetches. When it cannot be had now: undefined, after `otherwise()`, or a sheet under `title` that says so. */
export async function reach(title, work, otherwise = () => show(title, [make("p", "", say("guide.away"))])) {
  const said = make("p", "fetching", say("fetching"));
  said.setAttribute("role", "status");
  const soon = setTimeout(() => (document.querySelector("dialog[open]") ?? document.body).append(said), SOON);
  try {
    return await work();
  } catch (error) {
    console.warn(error);
    otherwise();
  } finally {
    clearTimeout(soon);
    said.remove();
  }
}

/** The script and the document of a screen. */
export const fetched = (name, title, otherwise) => reach(title, () => Promise.all([script(name), part(name)]), otherwise);

/** Open a screen that needs nothing but itself. */
export const screen = async (name, title, otherwise) => (await fetched(name, title, otherwise))?.[0].open();

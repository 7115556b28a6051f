// Room held back so that photos can never crowd out answers: rows.js gives it up when an answer finds the device full.
// A file of its own, because a browser gives back the room of a file at once, but that of a deleted record of IndexedDB
// only much later (Chromium 156: 2 ms against more than 12 s). Without such files photos only stop at the browser's limit.

import { memory } from "./rows.js";

const NAME = "ballast";
const SIZES = [5 * 2 ** 20, 2 ** 20, 2 ** 18]; // what browsers say of their limit is not to be relied on: the largest that fits
/** How a write says that there is no room. Chromium (150) passes bytes on through a pipe of 2 MiB and, out of room, closes it:
 *  whoever is still putting more into it hears of the pipe before he hears of the room. */
const FULL = new Set(["QuotaExceededError", "AbortError"]);
const AFTER = 2_000; // so long the room that was given up is left to the answer that needs it
let holding = null;

/** Hold room back. Resolves to whether photos may take what is left. */
export async function hold() {
  if (Math.abs(Date.now() - memory.spent) < AFTER) return false;
  if (!holding) {
    holding = held().finally(() => { holding = null; });
    memory.photo = Promise.allSettled([memory.photo, holding]).then(() => {}); // filling takes up more than it keeps
  }
  return holding;
}

async function held() {
  memory.spent = null; // not known yet; an answer that needs it meanwhile says so
  try {
    const folder = await navigator.storage.getDirectory();
    const file = await folder.getFileHandle(NAME, { create: true });
    const there = (await file.getFile()).size > 0 || await filled(file);
    memory.spent ??= !there;
  } catch {
    memory.spent = false; // no such files in this browser
  }
  return !memory.spent;
}

async function filled(file) {
  for (const size of SIZES) {
    try {
      await fill(file, size);
      return true;
    } catch (error) {
      if (!FULL.has(error.name)) throw error;
    }
  }
  return false;
}

async function fill(file, size) {
  const out = await file.createWritable();
  try {
    await out.write(new ArrayBuffer(size));
    await out.close();
  } catch (error) {
    await out.abort().catch(() => {});
    throw error;
  }
}

/** Whether a photo may be put: not before the room for answers is held again. */
export const spare = async () => memory.spent === false || hold();

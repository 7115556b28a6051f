// Room held back so that photos can never crowd out answers: rows.js gives it up when an answer finds the device full.
// A file of its own, because a browser gives back the room of a file at once, but that of a deleted record of IndexedDB
// only much later (Chromium 156: 2 ms against more than 12 s). Without such files photos only stop at the browser's limit.

import { memory } from "./rows.js";

const NAME = "ballast";
const MOST = 5 * 2 ** 20;

/** Hold back a quarter of the room, at most 5 MB. Resolves to whether photos may take what is left. */
export async function hold() {
  try {
    const folder = await navigator.storage.getDirectory();
    const { quota } = await navigator.storage.estimate();
    const size = Math.min(MOST, Math.floor(quota / 4));
    const file = await folder.getFileHandle(NAME, { create: true });
    if ((await file.getFile()).size < size) await fill(file, size);
    memory.spent = false;
  } catch (error) {
    memory.spent = error.name === "QuotaExceededError";
  }
  return !memory.spent;
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
export const spare = async () => !memory.spent || hold();

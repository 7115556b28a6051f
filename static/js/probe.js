// How much room there really is. Browsers tell pages an invented quota (Chromium: always 10 GB more than is used), but a
// file of our own grows only as far as it may; growing it writes nothing. In a worker only: nobody else may have such a file.

const NAME = "probe";
const FIRST = 16 * 2 ** 20;
const SLOW = 5; // milliseconds: a private window keeps its files in memory, where growing is no mere promise
const FINE = 3; // halvings between what fitted and what did not

/** {fits}: whether `size` bytes would; true as well where it cannot be known. */
export async function fits({ size }) {
  return { fits: (await probing((grow) => grow(size))) ?? true };
}

/** {left, more}: bytes that would fit, up to `most`, and whether there may be more. Null where it cannot be known. */
export async function left({ most }) {
  return { left: await probing((grow) => search(grow, most)) };
}

function search(grow, most) {
  let known = 0, step = Math.min(FIRST, most);
  while (grow(step)) {
    known = step;
    if (known >= most || grow.slow) return { bytes: known, more: true };
    step = Math.min(most, step * 2);
  }
  for (let turn = 0, width = step - known; turn < FINE; turn++) {
    width /= 2;
    if (grow(known + width)) known += width;
  }
  return { bytes: known, more: false };
}

async function probing(work) {
  let file = null;
  try {
    const folder = await navigator.storage.getDirectory();
    file = await (await folder.getFileHandle(NAME, { create: true })).createSyncAccessHandle();
    const grow = (size) => {
      const began = performance.now();
      try { file.truncate(Math.floor(size)); } catch { /* then its size says so */ }
      grow.slow = performance.now() - began > SLOW;
      return file.getSize() >= Math.floor(size);
    };
    return work(grow);
  } catch {
    return null; // no such files here, or another page is asking just now
  } finally {
    try { file?.truncate(0); } catch { /* closing gives it back as well */ }
    file?.close();
  }
}

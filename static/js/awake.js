// Keeps the screen on while something is being sent: a tablet that falls asleep stops sending.

let lock = null;
const sending = new Set();

async function hold() {
  if (!sending.size || lock || document.visibilityState !== "visible" || !navigator.wakeLock) return;
  try {
    lock = await navigator.wakeLock.request("screen");
    lock.addEventListener("release", () => { lock = null; });
    if (!sending.size) lock.release(); // all was sent while we asked
  } catch { /* a low battery, or a browser that does not let us */ }
}

/** `sender` has something under way, or no longer. */
export function awake(sender, on) {
  sending[on ? "add" : "delete"](sender);
  if (sending.size) hold();
  else lock?.release();
}

document.addEventListener("visibilitychange", hold); // the browser lets go of it whenever the page is hidden

// Keeps the screen on while something is being sent: a tablet that falls asleep stops sending.

let lock = null;
let wanted = false;

async function hold() {
  if (!wanted || lock || document.visibilityState !== "visible" || !navigator.wakeLock) return;
  try {
    lock = await navigator.wakeLock.request("screen");
    lock.addEventListener("release", () => { lock = null; });
    if (!wanted) lock.release(); // all was sent while we asked
  } catch { /* a low battery, or a browser that does not let us */ }
}

/** Follow the top bar: awake while it says that something is being sent. */
export function follow(bar) {
  const look = () => {
    wanted = bar.dataset.saving === "sending";
    if (wanted) hold();
    else lock?.release();
  };
  new MutationObserver(look).observe(bar, { attributeFilter: ["data-saving"] });
  document.addEventListener("visibilitychange", hold); // the browser lets go of it whenever the page is hidden
  look();
}

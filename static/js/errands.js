// Errands to the worker darkroom.js, whose answers are waited for.

let worker = null; // false when there can be none
let turn = 0;

/** What the worker answers; null when there is none or it fails. `early(thing)` hears what comes before the answer.
 *  Throws {say} when the work itself says no. */
export async function errand(question, early = () => {}) {
  worker ??= globalThis.Worker && globalThis.OffscreenCanvas ? hire() : false;
  if (!worker) return null;
  return new Promise((done, fail) => {
    const n = ++turn;
    const heard = ({ data }) => {
      if (data.n !== n) return;
      if (data.early) return early(data.early);
      leave();
      if (data.why?.say) fail(data.why);
      else done(data.done ?? null);
    };
    const broken = () => { leave(); worker = false; done(null); };
    const leave = () => { worker.removeEventListener?.("message", heard); worker.removeEventListener?.("error", broken); };
    worker.addEventListener("message", heard);
    worker.addEventListener("error", broken);
    worker.postMessage({ ...question, n });
  });
}

function hire() {
  try {
    return new Worker(new URL("./darkroom.js", import.meta.url), { type: "module" });
  } catch {
    return false;
  }
}

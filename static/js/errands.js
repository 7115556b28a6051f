// Errands to the worker darkroom.js, whose answers are waited for.

const TRIES = 3;
const PATIENCE = 10_000; // some lines swallow a question: then the worker's file never comes, and no error either
let worker = null; // false when there can be none
let failures = 0;
let turn = 0;

/** Have the worker at hand before anyone asks: without a network it could not be fetched. */
export function prepare() {
  worker ??= globalThis.Worker && globalThis.OffscreenCanvas ? hire() : false;
}

/** What the worker answers; null when there is none or it fails. `early(thing)` hears what comes before the answer.
 *  Throws {say} when the work itself says no. */
export async function errand(question, early = () => {}) {
  prepare();
  const asked = worker;
  if (!asked) return null;
  return new Promise((done, fail) => {
    const n = ++turn;
    const heard = ({ data }) => {
      if (data.n !== n) return;
      if (data.early) return early(data.early);
      leave();
      if (data.why?.say) fail(data.why);
      else done(data.done ?? null);
    };
    const broken = () => { leave(); done(null); };
    const leave = () => { asked.removeEventListener("message", heard); asked.removeEventListener("error", broken); };
    const late = setTimeout(() => asked.dispatchEvent(new Event("error")), PATIENCE);
    asked.there.then(() => clearTimeout(late));
    asked.addEventListener("message", heard);
    asked.addEventListener("error", broken);
    asked.postMessage({ ...question, n });
  });
}

function hire() {
  try {
    const hired = new Worker(new URL("./darkroom.js", import.meta.url), { type: "module" });
    hired.there = new Promise((done) => hired.addEventListener("message", done, { once: true }));
    hired.addEventListener("error", () => { // not to be had now, or dead: the page does its work, another is tried later
      if (worker === hired) worker = ++failures < TRIES ? null : false;
      hired.terminate();
    });
    return hired;
  } catch {
    return false;
  }
}

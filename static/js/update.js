// The files of this version on the device: has them installed, offers a newer version once that is whole, and changes to
// it only when the person agrees and nothing is being written.

import { part } from "./parts.js";
import { say } from "./say.js";

const HOURLY = 3_600_000;
const workers = globalThis.isSecureContext ? navigator.serviceWorker : undefined;
let looked = Date.now();
let agreed = false;

/** Whether this browser can start without a network here at all. */
export const possible = Boolean(workers);

/** Install, and watch for a newer version. `busy()`: whether something is being written just now.
 *  Resolves to whether a version is at work. */
export async function install(busy = () => false) {
  if (!possible) return false;
  try {
    const registration = await workers.register("/sw.js", { scope: "/" });
    watch(registration, busy);
    return Boolean(registration.active) || await activated(registration.installing ?? registration.waiting);
  } catch {
    return Boolean(await workers.getRegistration("/").catch(() => null)); // no network: what is here goes on working
  }
}

function activated(worker) {
  return new Promise((done) => {
    const look = () => { if (["activated", "redundant"].includes(worker.state)) done(worker.state === "activated"); };
    worker.addEventListener("statechange", look);
    look();
  });
}

function watch(registration, busy) {
  const ready = () => { if (registration.waiting && workers.controller) offer(registration, busy); };
  ready();
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", ready));
  workers.addEventListener("controllerchange", () => { if (agreed) location.reload(); });
  const again = () => {
    if (document.visibilityState !== "visible" || Math.abs(Date.now() - looked) < HOURLY) return;
    looked = Date.now();
    registration.update().catch(() => {});
  };
  document.addEventListener("visibilitychange", again);
  addEventListener("online", again);
}

async function offer(registration, busy) {
  if (document.querySelector("[data-update]")) return;
  const page = await part("update");
  if (document.querySelector("[data-update]")) return;
  const banner = document.importNode(page.querySelector("[data-update]"), true);
  document.body.append(banner);
  banner.querySelector("[data-update-later]").addEventListener("click", () => { banner.hidden = true; });
  banner.querySelector("[data-update-now]").addEventListener("click", () => {
    if (busy()) return void (banner.querySelector("p").textContent = say("update.busy"));
    agreed = true;
    if (registration.waiting) registration.waiting.postMessage("apply");
    else location.reload(); // another tab was quicker
  });
}

// The tablet changes hands while a visit is open: somebody signed out, or in, on another page of this browser, or the server
// names somebody else. What was typed until then is put away for its owner, and this page takes nothing more.

import { seal } from "./leftovers.js";
import { holders } from "./lock.js";
import { part } from "./parts.js";
import { putAway } from "./putaway.js";
import { sender, unsent } from "./sending.js";
import { possible } from "./vault.js";
import { hear, named } from "./whose.js";

const page = document.body.dataset;
const OFTEN = 100;
const LATE = 15_000; // this page slept before it could hear anything
const old = "kept" in document.documentElement.dataset; // shown without asking the server
let going = false;

/** Begin to watch for it. */
export function begin() {
  hear(page.user, go);
  addEventListener("other", ({ detail }) => go(detail)); // link.js met somebody else
  addEventListener("pageshow", ({ persisted }) => { if (persisted) look(); });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") look(); });
  addEventListener("online", look);
  if (old || performance.now() > LATE) look();
  else named(page.user);
}

/** Ask the server who is signed in. That nobody is may be an old session, and its owner works on: not if her key was taken. */
async function look() {
  try {
    await sender().link.hello(true);
  } catch ({ kind }) {
    if (kind === "signin" && possible && !(await holders().catch(() => [page.user])).includes(page.user)) go(null);
  }
}

async function go(user) {
  if (going) return;
  going = true;
  document.activeElement?.blur(); // what has been typed is kept
  document.body.inert = true;
  page.away = "yes";
  const told = part("alone").then((words) => document.body.append(document.importNode(words.querySelector("[data-notice=other]"), true)), () => {});
  while (unsent().some(({ state }) => state === "empty")) await new Promise((done) => setTimeout(done, OFTEN)); // only this page has it
  await seal(page.user).catch(() => {});
  await putAway(user).catch(() => {});
  await told;
  location.replace("/sign-in");
}

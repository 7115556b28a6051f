// One page of a visit writes; a second one in another tab only reads, until the first is gone or gives way. Also says
// when the address is not secure: then nothing is sealed, and there is neither camera nor working without a network.

import { part } from "./parts.js";
import { putAway } from "./putaway.js";
import { unsent } from "./sending.js";
import { possible } from "./vault.js";

const page = document.body.dataset;
const NAME = `capture:${page.inspection}`;
const GRACE = 1_000; // a page that is loaded anew may still be on its way out
const SILENCE = 10_000; // and on a slow tablet for longer; one that lives says so when asked
const COURTESY = 15_000; // whoever gave way asks again only when the other has begun, or never will
const talk = globalThis.BroadcastChannel && new BroadcastChannel(NAME);
let letGo = null; // while this page writes
let shut = false;
let granted;

/** Resolves when this page is the one that writes. */
export const writing = new Promise((done) => { granted = done; });

/** Begin: this page writes as soon as no other does. */
export function begin() {
  putAway(page.user).catch(() => {}); // whoever was signed in before
  if (!possible) show("insecure");
  if (!navigator.locks || !talk) return granted();
  talk.onmessage = ({ data }) => {
    if (letGo && data === "give") giveWay();
    else if (letGo && data === "who") talk.postMessage("here");
    else if (!letGo && data === "here") readOnly();
  };
  ask();
  addEventListener("pageshow", ({ persisted }) => { if (persisted && !shut) ask(); }); // WebKit takes the lock from a page that it freezes
}

function ask() {
  letGo?.();
  letGo = null;
  queue();
  setTimeout(() => letGo || talk.postMessage("who"), GRACE);
  setTimeout(() => letGo || readOnly(), SILENCE);
}

function queue() {
  navigator.locks.request(NAME, () => new Promise((done) => {
    if (shut) return location.reload(); // what the other has kept is read anew
    letGo = done;
    granted();
    talk.postMessage("mine");
  })).catch(() => {}); // frozen
}

async function giveWay() {
  document.activeElement?.blur(); // what is being typed is kept
  for (let turn = 0; turn < 20 && unsent().some(({ state }) => state === "empty"); turn++) await new Promise((done) => setTimeout(done, 100));
  const release = letGo;
  letGo = null;
  await readOnly();
  const again = () => { talk.onmessage = null; clearTimeout(timer); queue(); };
  const timer = setTimeout(again, COURTESY);
  talk.onmessage = ({ data }) => { if (data === "mine") again(); };
  release();
}

async function readOnly() {
  if (shut) return;
  shut = true;
  Object.assign(page, { open: "no", second: "yes" });
  for (const box of document.querySelectorAll("#main fieldset, [data-action=submit], [data-action=group]")) box.disabled = true;
  for (const open of document.querySelectorAll("dialog[open]")) open.close(); // nothing is signed or drawn here any more, and what is said next is seen
  document.querySelector("[data-undo]").hidden = true; // what was done here is the other page's now
  const notice = await show("second");
  notice.querySelector("button").addEventListener("click", ({ target }) => { target.disabled = true; talk.postMessage("give"); });
}

async function show(name) {
  const notice = document.importNode((await part("alone")).querySelector(`[data-notice=${name}]`), true);
  document.querySelector("#main").prepend(notice);
  return notice;
}

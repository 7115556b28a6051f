// The capture page's way of staying openable without a network: installs the shell, keeps the visit on the device, keeps it
// again after changes have arrived, and says so in `data-offline-ready`.

import { draft } from "./drafts.js";
import { keep, keepVisit, standing } from "./kept.js";
import { arrivals, sender, unsent } from "./sending.js";
import { install } from "./update.js";
import { unlocked } from "./vault.js";

const page = document.body.dataset;
const QUIET = 2_000; // first the person's work, then ours
const PHOTO = 3_000;
const ANSWER = 10_000;
const LATEST = 120_000;
const TURNS = 5;
const FRESH = 600_000; // kept by the day page a moment ago: not again for the mere opening
let timer = 0;
let since = 0; // when the oldest change arrived that the kept page does not show
let running = null;
let turns = 0; // so often in a row something was missing

/** Begin, a moment after everything a person waits for. */
export async function begin() {
  document.addEventListener("arrived", note);
  document.addEventListener("submitted", async () => { page.offlineReady = "no"; await running; again(); }); // what is kept still stands open
  note();
  await new Promise((done) => setTimeout(done, QUIET));
  const at = install(() => unsent().some(({ state }) => state === "empty"));
  await unlocked(page.user);
  if (!(await at)) return;
  addEventListener("online", () => soon(QUIET));
  const here = await say();
  const behind = since || await draft(page.user, `arrived ${page.inspection}`); // see arrived.js
  if (!behind && here.ready && here.current && Math.abs(Date.now() - here.at) < FRESH) return;
  await again();
}

function note() {
  const entries = arrivals.splice(0);
  if (!entries.length) return;
  since ||= Date.now();
  soon(entries.some(({ kind }) => kind === "photos") ? PHOTO : ANSWER);
}

function soon(wait) {
  clearTimeout(timer);
  timer = setTimeout(again, Math.max(0, Math.min(wait, since ? since + LATEST - Date.now() : wait)));
}

/** Keep the visit as it stands now; without a network what is here stays. */
async function again() {
  clearTimeout(timer);
  if (running || (sender()?.status === "sending" && Date.now() - since < LATEST)) return void soon(ANSWER); // the line is needed
  since = 0;
  running = keepVisit(page.inspection).then(async (absent) => {
    await keep("/"); // the day page counts what is answered
    return absent;
  }).catch(() => 1); // the line lost something
  const absent = await running;
  running = null;
  const { ready } = await say();
  const short = absent || !ready;
  turns = short ? turns + 1 : 0;
  if (short && turns < TURNS) soon(PHOTO * 2 ** turns); // perhaps the server is still making them, or our files still come
}

async function say() {
  const here = (await standing([page.inspection])).get(page.inspection);
  if (!running) page.offlineReady = here.ready ? "yes" : "no";
  return here;
}

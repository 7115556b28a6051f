// What a person must be told on the page itself: work that has been unsent for a day, a clock gone wrong, a battery or a
// device that is running out, what colleagues sent.

import { explain } from "./explain.js";
import { make } from "./make.js";
import { part, script } from "./parts.js";
import * as room from "./room.js";
import { say } from "./say.js";
import { sender } from "./sending.js";
import * as store from "./store.js";

const DAY = 24 * 3_600_000;
const MINUTE = 60_000;
const OFTEN = 10 * MINUTE;
const DRIFT = 120_000;
const WEAK = 0.15;
const NEWS = 20_000; // no more often than this without a reason
const page = document.body.dataset;
let visit = null;
let asked = -Infinity;
let timer = 0;
let battery = null; // where the browser tells
let known = false; // that the battery is weak

/** When a row was made, by the clock of this device. */
const born = ({ row }) => Date.parse(Object.entries(row).find(([name]) => name.endsWith("_at"))?.[1]) || Date.now();

async function look() {
  const { rows } = await store.waiting(page.inspection, page.user);
  const offset = sender().link.clock ?? (await store.fact("clock"))?.offset ?? 0;
  const late = rows.some((entry) => Date.now() - born(entry) > DAY);
  try {
    await banner("late", late, () => say("late.banner"));
    await banner("clock", Math.abs(offset) > DRIFT, async () => (await script("log")).drifted(offset));
    await banner("room", await room.tight(), async () => { await part("room"); return room.words((await room.measure()) ?? { low: true, photos: 0 }); });
    const weak = battery && !battery.charging && battery.level <= WEAK;
    known &&= Boolean(weak);
    await banner("battery", weak && !known, () => say("late.battery", { n: Math.round(battery.level * 100) }));
  } catch { /* its words cannot be had now: next time */ }
}

async function banner(name, wanted, words) {
  const shown = document.querySelector(`.late[data-late="${name}"]`);
  if (!wanted) return shown?.remove();
  if (shown) return;
  await part("log");
  const open = make("button", "button button-quiet", say(name === "battery" ? "late.seen" : "late.open"));
  open.type = "button";
  open.addEventListener("click", name === "battery" ? () => { known = true; look(); } : explain);
  const made = make("div", `notice late ${name === "late" ? "notice-error" : ""}`, make("p", "", await words()), open);
  Object.assign(made.dataset, { late: name });
  made.setAttribute("role", "status");
  document.querySelector("#main").prepend(made);
}

/** The page whose items colleagues answer too. */
export function begin(all) { visit = all; }

/** Show what colleagues sent: at once after a time without a network, otherwise now and then. */
function news(now) {
  clearTimeout(timer);
  const wait = now ? 0 : asked + NEWS - performance.now();
  if (wait > 0) return void (timer = setTimeout(news, wait));
  asked = performance.now();
  if (visit) script("team").then((team) => team.refresh(visit)).catch(() => {});
}

/** Look now, when the server has told the time, and now and then. */
export function watch() {
  Object.assign(sender(), { met: look, drained: news });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && news());
  setInterval(look, OFTEN);
  setInterval(() => document.visibilityState === "visible" && news(), MINUTE);
  navigator.getBattery?.().then((found) => {
    battery = found;
    for (const change of ["levelchange", "chargingchange"]) battery.addEventListener(change, look);
    look();
  }).catch(() => {});
  return look();
}

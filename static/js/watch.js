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
let last = Promise.resolve();
let beat = null; // how far the clock of this device was ahead of what only counts on, when it was last right to believe it
const known = new Set(); // names of what was told, and read

/** When a row was made, by the clock of this device. */
const born = ({ row }) => Date.parse(Object.entries(row).find(([name]) => name.endsWith("_at"))?.[1]) || Date.now();

/** How far this device's clock is ahead. The server is asked before a clock is called wrong, and when it has been set. */
async function drift() {
  const { link } = sender();
  const kept = (await store.fact("clock"))?.offset ?? 0, now = Date.now() - performance.now();
  if (Math.abs(link.clock ?? kept) > DRIFT || Math.abs(now - beat) > DRIFT) {
    await link.hello(true).then(() => { beat = now; }, lost);
  }
  const found = link.clock ?? kept;
  if (Math.abs(found - kept) > DRIFT) await store.setFact("clock", { offset: found, at: Date.now() }).catch(() => {});
  return found;
}

const lost = (error) => sender().failed(error);

/** One look after the other: two at once would tell the same thing twice, and believe each other's time. */
function look() { return (last = last.catch(() => {}).then(round)); }

async function round() {
  const { rows } = await store.waiting(page.inspection, page.user);
  const offset = await drift();
  const late = rows.some((entry) => Date.now() - born(entry) > DAY);
  try {
    await banner("late", late, () => say("late.banner"));
    await banner("clock", Math.abs(offset) > DRIFT, async () => (await script("log")).drifted(offset));
    await banner("room", await room.tight(), async () => { await part("room"); return room.words((await room.measure()) ?? { low: true, photos: 0 }); });
    const weak = battery && !battery.charging && battery.level <= WEAK;
    await banner("battery", weak, () => say("late.battery", { n: Math.round(battery.level * 100) }), []);
  } catch { /* its words cannot be had now: next time */ }
}

/** Told until it is over, or was read. */
async function banner(name, wanted, words, acts = [["late.open", explain]]) {
  const shown = document.querySelector(`.late[data-late="${name}"]`);
  if (!wanted) known.delete(name);
  if (!wanted || known.has(name)) return shown?.remove();
  await part("log");
  const said = await words();
  if (shown) {
    if (shown.firstChild.textContent !== said) shown.firstChild.replaceChildren(said);
    return;
  }
  const made = make("div", `notice late ${name === "late" ? "notice-error" : ""}`, make("p", "", said));
  const button = (key, act) => {
    const pressed = make("button", "button button-quiet", say(key));
    pressed.type = "button";
    pressed.addEventListener("click", () => { known.add(name); made.remove(); act?.(); });
    return pressed;
  };
  made.append(make("div", "row", ...acts.map(([key, act]) => button(key, act)), button("late.seen")));
  made.dataset.late = name;
  made.setAttribute("role", "status");
  place().append(made);
}

/** Where banners stand, below each other. */
function place() {
  const main = document.querySelector("#main");
  if (!main.querySelector(".lates")) main.prepend(make("div", "lates"));
  return main.querySelector(".lates");
}

/** The page whose items colleagues answer too. */
export function begin(all) { visit = all; }

/** What it lacks, as far as this page knows. */
export const missing = () => visit?.progress.missing ?? [];

/** Show what colleagues sent: at once after a time without a network, otherwise now and then. */
function news(now) {
  clearTimeout(timer);
  const wait = now ? 0 : asked + NEWS - performance.now();
  if (wait > 0) return void (timer = setTimeout(news, wait));
  asked = performance.now();
  const shown = shows();
  if (visit) script("team").then((team) => team.refresh(visit)).then(() => shown === shows() && turned(shown)).catch(() => sender().link.hello(true).catch(lost));
}

/** As what the page shows this visit, in the words of web/team.py. */
function shows() { return page.open === "no" ? "shut" : document.querySelector("#main .returned") ? "returned" : "draft"; }

/** The visit was handed in by somebody else, or returned, since this page was opened. */
function turned(shown) {
  return banner("turned", page.stands !== shown && !page.second, () => say(`turned.${page.stands}`), [["turned.reload", () => location.reload()]]);
}

/** Look now, when the server has told the time, and now and then. */
export function watch() {
  Object.assign(sender(), { met: look, drained: news });
  document.addEventListener("submitted", () => document.querySelector("[data-late=turned]")?.remove());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    news();
    look(); // whoever set the clock right comes back from there
  });
  setInterval(look, OFTEN);
  setInterval(() => {
    if (document.visibilityState !== "visible") return;
    news();
    if (document.querySelector(".late") || Math.abs(Date.now() - performance.now() - beat) > DRIFT) look();
  }, MINUTE);
  navigator.getBattery?.().then((found) => {
    battery = found;
    for (const change of ["levelchange", "chargingchange"]) battery.addEventListener(change, look);
    look();
  }).catch(() => {});
  beat = Date.now() - performance.now();
  for (const heard of ["online", "offline"]) addEventListener(heard, () => sender().knock());
  if (document.documentElement.dataset.kept) sender().knock(); // nobody was asked for this page
  return look();
}

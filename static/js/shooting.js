// The way to a photo: the viewfinder in the page where there can be one, else the system's camera, which may cost the
// page its life: what it left unfinished is told when it is back.

import * as alone from "./alone.js";
import { locate } from "./camera.js";
import { prepare } from "./errands.js";
import { make } from "./make.js";
import { part, script } from "./parts.js";
import * as pending from "./pending.js";
import * as photos from "./photos.js";
import { fetched } from "./reach.js";
import * as room from "./room.js";
import { clock, say } from "./say.js";
import { withdrawn } from "./shelving.js";
import { button, close, show } from "./sheet.js";
import * as store from "./store.js";
import * as vault from "./vault.js";

const page = document.body.dataset;
let visit = null;
let refused = false; // the person or the browser said no to the camera, and it was told once

/** Begin, once: `after(item)` is called when an item's photos have changed. */
export function begin(whole, after) {
  if (visit) return;
  visit = whole;
  photos.begin(after);
  prepare();
  withdrawn().then((ids) => ids.length && stayOut(ids, after));
  part("photos").then(unfinished).catch(() => {});
  room.persist();
  lens();
  navigator.mediaDevices?.addEventListener?.("devicechange", lens);
  navigator.permissions?.query({ name: "camera" }).then((status) => { status.onchange = () => { refused = status.state === "denied"; lens(); }; }).catch(() => {});
  addEventListener("pointerdown", pending.closed, true); // whoever touches the page is back in it
  document.addEventListener("cancel", pending.closed);
}

/** What an earlier page withdrew is not shown again, whatever the server knows of it; and it is taken out there as well. */
function stayOut(ids, after) {
  for (const id of ids) photos.removed(id, (thumb) => visit.items.get(thumb.closest("[data-item]").dataset.item));
  after();
  script("team").then((team) => team.refresh(visit)).catch(() => {});
}

/** Whether a tap on the button of an item can open the viewfinder; said in advance, because a tap must be answered at once. */
async function lens() {
  const cameras = isSecureContext && !refused ? await navigator.mediaDevices?.enumerateDevices?.().catch(() => []) : [];
  if (cameras?.some(({ kind }) => kind === "videoinput")) page.lens = "yes";
  else delete page.lens;
}

/** A tap on the button of an item: `within` the page, or the system's camera is opening already. */
export async function shoot(item, within) {
  locate();
  if (!within) return leaving(item);
  try {
    const [{ open }] = await fetched("viewfinder", "", () => {});
    await open(item, { system, gallery: visit.pick, refuse() { refused = true; lens(); } });
  } catch {
    refused = true; // the viewfinder cannot be had now
    system(item);
  }
}

/** Something of the system opens over the page, for an item. */
export const leaving = (item) => pending.opened(item);

function system(item) {
  delete page.lens;
  item.box.querySelector("input[name=photo]").click();
  lens();
}

/** Say what an earlier page was photographing when it went, and offer to do it now. */
async function unfinished() {
  await alone.writing; // what is asked for is gone: not by a page that only reads, or is loaded anew
  if (vault.possible) await vault.unlocked(page.user);
  const { rows } = await store.waiting(page.inspection, page.user);
  const kept = (id) => rows.some((entry) => entry.row.id === id) || document.querySelector(`[data-photo="${id}"]`);
  const left = await pending.left(kept);
  const item = visit.items.get(left?.opened?.item ?? left?.taking[0]?.item);
  if (!item?.open) return;
  visit.goTo(item, false);
  const again = button(left.opened || !left.taking[0].live ? "button-secondary" : "button-primary", say("left.again"), () => item.box.querySelector("input[name=photo]").click());
  const pick = button("button-primary", say("left.pick"), () => { visit.pick(item); close(); }, false);
  const chosen = left.opened || left.taking.some(({ live }) => !live);
  show(say("left.title", { item: item.id }), [...lines(left), make("div", "row", ...(chosen ? [pick] : []), again)]);
}

function lines({ opened, taking }) {
  const said = opened ? [say("left.opened", { time: clock(opened.at) })] : [];
  const groups = new Map();
  for (const { item, live } of taking) {
    const how = `${live ? "left.live" : "left.chosen"} ${item}`;
    groups.set(how, (groups.get(how) ?? 0) + 1);
  }
  for (const [how, n] of groups) said.push(say(how.split(" ")[0], { n, item: how.split(" ")[1] }));
  return said.map((sentence) => make("p", "", sentence));
}

// The viewfinder: stays open, takes shot after shot for one item, shows what it has; closes like a sheet.

import { locate } from "./camera.js";
import { explain } from "./explain.js";
import { uuid } from "./ids.js";
import * as lens from "./lens.js";
import { look } from "./looking.js";
import { make } from "./make.js";
import { part } from "./parts.js";
import * as photos from "./photos.js";
import * as room from "./room.js";
import { say } from "./say.js";
import { expect, forget } from "./sending.js";

const SMALL = 160;
const WHY = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "none", OverconstrainedError: "none", NotReadableError: "busy", AbortError: "busy" };
const shots = new Map(); // photo → its place along the edge
let dialog = null;
const at = (mark) => dialog.querySelector(mark);
let item = null;
let ways = null; // {system, gallery, refuse}: the second and third way, and what follows a refusal
let device = null;
let replaced = null; // the photo that the next shot stands in for
let grabbing = Promise.resolve();
let awake = null;
let watch = null;

/** Open for an item. Rejects when its markup cannot be had now. */
export async function open(which, others) {
  const [found] = await Promise.all([part("viewfinder"), part("photos").catch(() => {}), part("room").catch(() => {})]);
  dialog ??= build(found);
  if (dialog.open) return;
  [item, ways, replaced] = [which, others, null];
  at("h2").replaceChildren(make("b", "", item.id), ` ${item.text}`);
  hint("");
  ghost(false);
  at(".before").hidden = !item.box.querySelector(".last img");
  history.pushState({ sheet: true, viewfinder: true }, "");
  dialog.append(document.querySelector("[data-undo]")); // what is under a modal dialog cannot be tapped
  dialog.showModal();
  at(".shutter").focus();
  watch = new MutationObserver(strip);
  watch.observe(item.box.querySelector(".proof"), { childList: true, subtree: true, attributeFilter: ["data-state", "hidden", "src"] });
  strip();
  await start();
}

function build(found) {
  const made = document.body.appendChild(document.importNode(found.querySelector("dialog"), true));
  made.addEventListener("cancel", (event) => { event.preventDefault(); history.back(); });
  made.addEventListener("click", ({ target }) => ACTS[target.closest("[data-act]")?.dataset.act]?.());
  addEventListener("popstate", ({ state }) => { if (dialog.open && !state?.viewfinder) dialog.close(); });
  made.addEventListener("close", left); // also when another page takes the visit over
  addEventListener("pagehide", lens.close);
  document.addEventListener("visibilitychange", () => {
    if (!dialog.open) return;
    if (document.visibilityState === "hidden") lens.close();
    else start();
  });
  return made;
}

const ACTS = {
  shoot,
  done: () => history.back(),
  again: start,
  sync: explain,
  system: () => ways.system(item),
  gallery: () => ways.gallery(item),
  torch: async () => pressed(".torch", await lens.light(at(".torch").getAttribute("aria-pressed") !== "true")),
  nearer: () => zoom(1),
  further: () => zoom(-1),
  before: () => ghost(at(".ghost").hidden),
  turn: async () => { device = await lens.another(); start(); },
};

/** Open the camera and offer what it can do; say why when it cannot be opened. */
async function start() {
  state("waiting");
  try {
    const can = await lens.open(at("video"), device).catch((error) => {
      if (!device) throw error;
      device = null; // the camera that was chosen is gone
      return lens.open(at("video"));
    });
    if (!can) return;
    can.track.addEventListener("ended", () => { if (dialog.open) refuse({ name: "AbortError" }); });
    at(".torch").hidden = !can.torch;
    at(".zoom").hidden = !can.zoom;
    at(".turn").hidden = !can.several;
    pressed(".torch", false);
    if (can.zoom) zoom(0);
    state("open");
    awake = await navigator.wakeLock?.request("screen").catch(() => null);
    measure();
  } catch (error) {
    refuse(error);
  }
}

function refuse({ name }) {
  lens.close();
  const why = WHY[name] ?? "busy";
  if (why === "denied") ways.refuse();
  at(".refusal p").textContent = say(`viewfinder.${why}`);
  state("refused");
  at(".refusal button").focus();
}

function state(which) {
  dialog.dataset.state = which;
  at(".refusal").hidden = which !== "refused";
  at(".shutter").disabled = which !== "open";
}

/** Shot after shot: the next tap need not wait for what becomes of this one. */
function shoot() {
  const id = uuid();
  const old = replaced;
  replaced = null;
  expect(id);
  place(id).prepend(small());
  flash();
  hint(say("viewfinder.count", { n: shots.size }));
  const taken = grabbing = grabbing.then(() => lens.grab(at("video")));
  const mine = item;
  grabbing = taken.then(() => {}, () => {});
  taken.then(async (file) => {
    await photos.take(mine, [file], [id], "live");
    if (old && mine.box.querySelector(`[data-photo="${id}"]`)) photos.remove(mine, old, say("viewfinder.replaced"));
    measure();
  }, () => {
    forget(id);
    shots.get(id)?.remove();
    shots.delete(id);
    hint(say("viewfinder.missed"));
  });
  locate();
}

/** What was in the finder at the tap, at once; the photo's own thumbnail takes its place. */
function small() {
  const video = at("video");
  const share = SMALL / Math.max(video.videoWidth, video.videoHeight, 1);
  const canvas = Object.assign(document.createElement("canvas"), { width: Math.max(1, video.videoWidth * share), height: Math.max(1, video.videoHeight * share) });
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function flash() {
  navigator.vibrate?.(20);
  const scene = at(".scene");
  scene.classList.remove("flash");
  void scene.offsetWidth; // the animation begins anew with every shot
  scene.classList.add("flash");
}

function place(id) {
  if (!shots.has(id)) {
    const shot = make("button", "shot");
    shot.type = "button";
    shot.addEventListener("click", () => {
      const thumb = item.box.querySelector(`[data-photo="${id}"]`);
      if (thumb) look(item, thumb, again);
    });
    shots.set(id, shot);
    at(".shots").append(shot);
    shot.scrollIntoView({ block: "nearest", inline: "nearest" });
    at(".done b").textContent = shots.size;
  }
  return shots.get(id);
}

/** The photos of the item along the edge, as they are in its card. */
function strip() {
  const thumbs = [...item.box.querySelectorAll("[data-photo]:not([hidden])")];
  const here = new Set(thumbs.map((thumb) => thumb.dataset.photo));
  for (const [id, shot] of shots) if (!here.has(id) && shot.dataset.state) { shot.remove(); shots.delete(id); }
  for (const [i, thumb] of thumbs.entries()) {
    const shot = place(thumb.dataset.photo);
    shot.dataset.state = thumb.dataset.state;
    shot.ariaLabel = say("viewfinder.shot", { n: i + 1, state: say(`state.${thumb.dataset.state}`) });
    const { src } = thumb.firstElementChild;
    if (!src || shot.querySelector("img")?.src === src) continue;
    const image = Object.assign(new Image(), { alt: "", decoding: "async", src });
    image.decode().catch(() => {}).then(() => shot.replaceChildren(image));
  }
  at(".done b").textContent = shots.size || "";
}

function again(thumb) {
  replaced = thumb;
  hint(say("viewfinder.again", { n: [...shots.keys()].indexOf(thumb.dataset.photo) + 1 }));
  at(".shutter").focus();
}

async function zoom(direction) {
  const times = await lens.zoom(direction);
  at(".zoom output").textContent = `${times.toLocaleString("vi-VN", { maximumFractionDigits: 1 })}×`;
}

/** The photo of the last visit over the picture, thin as a breath: the same place from the same side. */
function ghost(wanted) {
  const shown = at(".ghost"), last = item.box.querySelector(".last");
  if (wanted) {
    shown.onerror = () => { shown.onerror = null; shown.src = last.querySelector("img").src; }; // no network: the small one
    shown.src = last.href;
  }
  shown.hidden = !wanted;
  pressed(".before", wanted);
}

/** Close to full the shutter rests; answers go on. */
async function measure() {
  const found = await room.measure();
  const full = Boolean(found?.full);
  at(".shutter").disabled = full || dialog.dataset.state !== "open";
  at(".full").hidden = !full;
  if (found?.low) hint(room.words(found));
}

const hint = (words) => { at(".hint").textContent = words; };
const pressed = (mark, on) => at(mark).setAttribute("aria-pressed", String(on));

function left() {
  watch.disconnect();
  grabbing.then(() => { if (!dialog.open) lens.close(); });
  awake?.release();
  awake = null;
  document.body.append(document.querySelector("[data-undo]"));
  shots.clear();
  at(".shots").replaceChildren();
  item.box.querySelector("input[name=photo]")?.focus({ preventScroll: true });
}

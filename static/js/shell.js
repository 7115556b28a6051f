// The service worker: keeps the files of one version whole, opens private pages that this device keeps, lets all else by.
// Before it stands `const SHELL = {version, page, bundle, files: {address: integrity}}`, made by web/shell.py.

import { draft } from "./drafts.js";
import { holders } from "./lock.js";
import { page, pages } from "./pages.js";
import { putAway } from "./putaway.js";

const NAME = `shell-${SHELL.version}`;
const WHOLE = SHELL.page.replace(/[^/]*$/, "whole"); // stands in a cache that has everything; see kept.js
const USED = SHELL.page.replace(/[^/]*$/, "used"); // stands in that of a version that took over; others only waited
const PATIENCE = 3_000;
const SOON = 1_000;
const DEAF = 10_000; // so long after it did not answer the server is not asked about each picture
const SPARE = 32 * 2 ** 20;
const PAGE = /^\/(?:inspections\/[0-9a-f-]{36}\/(?:capture|guide))?$/;
const ENTRANCE = "/sign-in";
const PICTURE = /^(\/inspections\/[0-9a-f-]{36}\/photos\/[0-9a-f-]{36}\/)(?:thumb|screen|print)$/;
let deaf = 0; // until when

addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("activate", (event) => event.waitUntil(activate()));
addEventListener("message", ({ data }) => { if (data === "apply") skipWaiting(); }); // a person agreed; never by itself

/** All or nothing: one file that is missing or differs from its hash, and the version before goes on working. */
async function install() {
  const { quota, usage } = await navigator.storage?.estimate?.().catch(() => null) ?? {};
  if (quota && quota - usage < SPARE) throw new Error("no room"); // what is left belongs to answers
  const files = await together().catch(() => Promise.all(Object.keys(SHELL.files).map(right)));
  await caches.delete(NAME);
  const cache = await caches.open(NAME);
  try {
    await Promise.all(files.map(([address, answer]) => cache.put(address, answer)));
    await cache.put(WHOLE, new Response(SHELL.version));
  } catch (error) {
    await caches.delete(NAME);
    throw error;
  }
}

/** All files as one, and the page: two ways to the server and back instead of fifty. Rejects when one of them is wrong. */
async function together() {
  const [answer, page] = await Promise.all([get(SHELL.bundle.address, SHELL.bundle.integrity, "no-store"), right(SHELL.page)]);
  const bundle = await answer.arrayBuffer();
  let at = new Uint8Array(bundle).indexOf(10) + 1; // the end of its first line
  const list = JSON.parse(new TextDecoder().decode(bundle.slice(0, at)));
  const files = list.map(({ address, type, length }) => [address, new Response(bundle.slice(at, at += length), { headers: { "Content-Type": type } })]);
  return [...files, page];
}

/** A file by itself (a line that is cut brings some of them, and the rest next time): from what the browser has loaded
 *  anyway when that is right, else from the network; rejects when that is wrong too. */
async function right(address) {
  const integrity = SHELL.files[address];
  return [address, await get(address, integrity, "default").catch(() => get(address, integrity, "reload"))];
}

async function get(address, integrity, cache) {
  const answer = await fetch(address, { integrity, cache, signal: AbortSignal.timeout?.(60_000) });
  if (answer.status !== 200) throw new Error(`${address}: ${answer.status}`);
  return answer;
}

/** Older versions go, but not the one that worked until now (a tab may still run it) nor one that a kept page was made for. */
async function activate() {
  const [user] = await holders().catch(() => []);
  const wanted = new Set(user ? (await pages(user).catch(() => [])).map(({ shell }) => shell && `${shell}/whole`) : []);
  const others = [];
  for (const name of (await caches.keys()).filter((name) => name.startsWith("shell-") && name !== NAME)) {
    const cache = await caches.open(name);
    others.push({ name, marks: (await cache.keys()).map(({ url }) => new URL(url).pathname) });
  }
  const last = others.filter(({ marks }) => marks.some((mark) => mark.endsWith("/used"))).at(-1) ?? others.at(-1);
  for (const { name, marks } of others) if (name !== last.name && !marks.some((mark) => wanted.has(mark))) await caches.delete(name);
  await (await caches.open(NAME)).put(USED, new Response(SHELL.version)).catch(() => {}); // no room: then the last one stays
  await clients.claim();
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, search } = new URL(request.url);
  if (origin !== location.origin || request.cache === "no-store") return;
  if (request.method === "POST" && pathname === ENTRANCE && navigator.onLine && !request.isHistoryNavigation) { // none of these arrives
    event.waitUntil(giveUp(event, null)); // whoever it will be
  }
  if (request.method !== "GET") return;
  if (pathname.startsWith("/static/")) event.respondWith(file(request));
  else if (PICTURE.test(pathname) && !search) event.respondWith(picture(request, pathname));
  else if (PAGE.test(pathname) && (request.mode === "navigate" || pathname.endsWith("/guide"))) event.respondWith(opened(event, pathname));
  else if (request.mode === "navigate") event.respondWith(asked(event, pathname).catch(away)); // a calm page instead of the browser's
});

/** What the server answers. Its page says whose it is: what is kept of anybody else is put away before it is shown, all of
 *  it when it asks who is there. */
async function asked(event, path) {
  const answer = await fetch(event.request);
  const whose = answer.headers.get("X-Audit-User");
  deaf = 0;
  if (whose && (whose !== "nobody" || path === ENTRANCE)) {
    const user = whose === "nobody" ? null : whose;
    const given = holders().then((all) => all.some((holder) => holder !== user) && giveUp(event, user)).catch(() => {});
    event.waitUntil(given);
    await Promise.race([given, late(SOON)]); // a database that does not open holds no page back
  }
  return answer;
}

const late = (wait) => new Promise((done) => setTimeout(done, wait));

/** Put away what is kept of everybody but `user`. The pages that are open hear of it from the page that is coming: told now,
 *  the one that it takes the place of would go elsewhere. */
async function giveUp(event, user) {
  const done = await putAway(user).catch(() => null);
  event.waitUntil(Promise.resolve(done?.sealed));
}

/** Addresses change with their content, so what is kept under one is right in every version. */
async function file(request) {
  return (await caches.match(request.url, { ignoreSearch: true, ignoreVary: true })) ?? fetch(request);
}

/** The address of a picture never shows another one; where a large one is not here, its thumbnail stands in for it. What
 *  is kept is shown when the server says that this person may see it, or cannot be asked. */
async function picture(request, path) {
  const kept = await sealed(path);
  if (kept && await allowed(path)) return kept;
  return fetch(request).catch(async () => kept ?? (await sealed(path.replace(PICTURE, "$1thumb"))) ?? Response.error());
}

async function allowed(path) {
  if (performance.now() < deaf) return true;
  const answer = await fetch(path, { method: "HEAD", cache: "no-cache", redirect: "manual", signal: AbortSignal.timeout?.(PATIENCE) }).catch(() => null);
  if (!answer) deaf = performance.now() + DEAF;
  return !answer || answer.ok || answer.status >= 500;
}

/** From the server when it answers in time, else as it was kept here, else whatever comes of the server, else our own page. */
async function opened(event, path) {
  const coming = asked(event, path).catch(() => null);
  event.waitUntil(coming); // it may come too late to be shown, and yet say that somebody else is signed in
  const answer = await Promise.race([coming, late(PATIENCE)]);
  if (answer && answer.status < 500) return answer;
  return (await sealed(path)) ?? answer ?? (await coming) ?? away();
}

const away = async () => (await caches.match(SHELL.page)) ?? Response.error();

/** What this device keeps at `path` for the person whose key is here; undefined when there is none. */
async function sealed(path) {
  const [user] = await holders().catch(() => []);
  const kept = user && await page(user, path);
  if (!kept) return undefined;
  const headers = { "Content-Type": kept.type, "Cache-Control": "no-store", ...kept.headers };
  if (!kept.type.startsWith("text/html")) return new Response(kept.buffer, { headers });
  const text = new TextDecoder().decode(kept.buffer).replace("<html ", `<html data-kept="${kept.at}" `); // the page knows that it is one
  const later = path.endsWith("/capture") ? await draft(user, `arrived ${path.split("/")[2]}`) : null; // see arrived.js
  if (!later) return new Response(text, { headers });
  const said = JSON.stringify(later).replace(/[<&]/g, (sign) => (sign === "<" ? "\\u003c" : "\\u0026"));
  return new Response(text.replace("</body>", () => `<template data-arrived>${said}</template></body>`), { headers });
}

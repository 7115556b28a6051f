// What of a visit is on this device, sealed, for working without a network: its pages, its data, its thumbnails.

import * as arrived from "./arrived.js";
import { forgetPages, keepPage, page, pages } from "./pages.js";
import { memory } from "./rows.js";

const { user } = document.body.dataset;
const LASTS = 12 * 3_600_000; // law and ways to check do not change while a visit lasts
const PARALLEL = 4;
const PATIENCE = 60_000; // some lines swallow a question, and no answer ever comes
const CARRIED = ["content-security-policy", "permissions-policy", "referrer-policy", "x-content-type-options"];
const form = (id) => `/inspections/${id}/capture`;
const law = (id) => `/inspections/${id}/guide`;
const data = (id) => `/sync/inspections/${id}`;
const version = /^\/static\/\w+/.exec(new URL(import.meta.url).pathname)?.[0];
const picture = (id, photo) => `/inspections/${id}/photos/${photo}/thumb`;

/** Whether all files of the version that made a page are on this device. */
const whole = async (shell) => Boolean(shell && globalThis.caches && await caches.match(`${shell}/whole`));

/** What is here of each visit: id → {form, law, data, last: there was one, pictures, wanted, at, ready, current: by this very version}. */
export async function standing(ids) {
  const heads = new Map((await pages(user)).map((head) => [head.path, head]));
  const shells = new Map();
  for (const { shell } of heads.values()) if (shell && !shells.has(shell)) shells.set(shell, await whole(shell));
  const usable = (path) => { const head = heads.get(path); return Boolean(head && shells.get(head.shell)); };
  return new Map(ids.map((id) => {
    const told = heads.get(data(id));
    const wanted = told?.pictures ?? [];
    const here = { form: usable(form(id)), law: usable(law(id)), data: Boolean(told), last: told?.last, at: heads.get(form(id))?.at,
      pictures: wanted.filter((path) => heads.has(path)).length, wanted: wanted.length };
    here.current = heads.get(form(id))?.shell === version;
    return [id, { ...here, ready: here.form && here.law && here.data && here.pictures === here.wanted }];
  }));
}

/** Pages come last: what is left of a device that is nearly full belongs to answers and photos. */
const SPARE = 32 * 2 ** 20;
async function room() {
  if (memory.spent) return false; // what browsers tell of their quota is often invented: see room.js
  const { quota, usage } = await navigator.storage?.estimate?.().catch(() => null) ?? {};
  return !quota || quota - usage > SPARE;
}

/** Have the page at `path` here as the server shows it now. Resolves to whether it is here and can be opened. */
export async function keep(path) {
  if (!(await room())) return false;
  const visit = path.endsWith("/capture") ? path.split("/")[2] : null;
  const shown = visit && await arrived.here(user, visit);
  const answer = await fetch(path, { cache: "no-store", redirect: "error", signal: AbortSignal.timeout?.(PATIENCE) });
  if (!answer.ok) throw Object.assign(new Error(`${path}: ${answer.status}`), { status: answer.status });
  const whose = answer.headers.get("x-audit-user");
  if (whose && whose !== user) {
    dispatchEvent(new CustomEvent("other", { detail: whose })); // the page gives way: see account.js, handover.js
    return false;
  }
  const buffer = await answer.arrayBuffer();
  const type = answer.headers.get("content-type") ?? "";
  const said = { type, headers: Object.fromEntries(CARRIED.map((name) => [name, answer.headers.get(name)]).filter(([, value]) => value)) };
  if (type.startsWith("text/html")) {
    const text = new TextDecoder().decode(buffer);
    said.shell = /\/static\/\w+/.exec(text)?.[0];
    said.title = /<title>(.*?) – /.exec(text)?.[1];
    if (!(await whole(said.shell))) return false; // its files are not all here: what was kept before goes on working
  }
  if (type.includes("json")) {
    const told = JSON.parse(new TextDecoder().decode(buffer));
    Object.assign(said, { pictures: picturesOf(told), last: Boolean(told.previous?.id) });
  }
  if (!(await keepPage(user, path, { ...said, buffer }))) return false;
  if (visit) await arrived.settle(user, visit, shown);
  return true;
}

/** The thumbnails a visit shows: of the last visit, and its own. */
function picturesOf({ inspection, previous, rows }) {
  const last = Object.values(previous?.items ?? {}).filter(({ photo }) => photo).map(({ photo }) => picture(previous.id, photo));
  return [...new Set([...last, ...rows.photos.map(({ id }) => picture(inspection.id, id))])];
}

/** Have all of a visit here; `said()` after each step. Resolves to how many pictures the server has not yet, for it names
 *  photos before their bytes have come; rejects when the network goes. */
export async function keepVisit(id, said = () => {}) {
  const heads = new Map((await pages(user)).map((head) => [head.path, head]));
  await Promise.all([keep(form(id)), keep(data(id))]);
  said();
  const old = heads.get(law(id));
  if (!old || Math.abs(Date.now() - old.at) > LASTS || !(await whole(old.shell))) await keep(law(id));
  said();
  const wanted = (await pages(user)).find(({ path }) => path === data(id))?.pictures ?? [];
  const queue = wanted.filter((path) => !heads.has(path));
  const absent = [];
  const one = (path) => keep(path).catch((error) => {
    if (error.status !== 404) throw error;
    absent.push(path);
  });
  const hand = async () => { for (let path; (path = queue.shift()); said()) await one(path); };
  await Promise.all(Array.from({ length: PARALLEL }, hand));
  if (absent.length) await forgo(data(id), absent);
  said();
  return absent.length;
}

/** These pictures are not to be had now: what is to be here is here without them. */
async function forgo(path, absent) {
  const { size, at, ...told } = await page(user, path);
  await keepPage(user, path, { ...told, pictures: told.pictures.filter((one) => !absent.includes(one)) });
}

/** Forget what is kept of visits other than these: they are done, or another's now. */
export async function keepOnly(ids) {
  const heads = await pages(user);
  const keep = ["/", ...ids.flatMap((id) => [form(id), law(id), data(id)])];
  for (const head of heads) if (keep.includes(head.path)) keep.push(...head.pictures ?? []);
  await forgetPages(user, keep);
}

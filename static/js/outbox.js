// The only caller of /sync: hello, then answers, then working copies with their rows, then the untouched originals.
// A row leaves only when the server names it in `kept`; a refused one is parked with its sentence; 401 keeps all.

import { sha256 } from "./hash.js";
import { say } from "./say.js";
import * as store from "./store.js";

const BATCH = 200;
const PARALLEL = 3;
const HELLO_EVERY = 5 * 60_000;
const FIRST_WAIT = 1_000;
const LAST_WAIT = 60_000;
const SOONEST = 3_000;

class Trouble extends Error { // kind: offline (try again by itself), signin (a person must)
  constructor(kind) { super(kind); this.kind = kind; }
}
class Refused extends Error {
  constructor({ status, problem, message }) { super(message ?? problem); Object.assign(this, { status, problem }); }
}

export class Outbox {
  /** `tell.row(entry, state, message)`, `tell.file(file, state, message)`, `tell.status(status)`. */
  constructor({ sync, inspection, user, tell }) {
    Object.assign(this, { sync, inspection, user, tell, status: "idle", greeted: 0, failures: 0 });
    this.here = `${sync}/inspections/${inspection}`;
    addEventListener("online", () => this.kick(true));
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.kick(true));
  }

  /** Send what waits, now or as soon as the present sending ends. After a failure a new row tries again at most
   *  every few seconds; `fresh` (a person asked, the network came back) tries at once and forgets the waiting. */
  kick(fresh = false) {
    if (fresh) this.failures = 0;
    else if (this.failures && Date.now() - this.tried < SOONEST) return;
    this.#go();
  }

  #go() {
    this.again = true;
    this.running ??= this.#run().finally(() => { this.running = null; });
  }

  async #run() {
    clearTimeout(this.timer);
    while (this.again) {
      this.again = false;
      try {
        await this.#alone(() => this.#drain());
        this.failures = 0;
        this.#say("idle");
      } catch (error) {
        this.#wait(error);
        return;
      }
    }
  }

  #wait(error) {
    this.greeted = 0;
    this.failures++;
    this.#say(error.kind ?? "offline");
    if (!error.kind) console.error(error);
    const wait = Math.min(LAST_WAIT, FIRST_WAIT * 2 ** (this.failures - 1)) * (0.5 + Math.random() / 2);
    this.tried = Date.now();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#go(), wait);
  }

  #say(status) {
    this.status = status;
    this.tell.status(status);
  }

  /** One sender for all tabs of this device, where the browser can promise it. */
  #alone(work) {
    return navigator.locks ? navigator.locks.request("outbox", work) : work();
  }

  async #drain() {
    for (;;) {
      const { rows, files } = await store.waiting(this.inspection, this.user);
      const here = new Set(rows.filter((entry) => entry.kind === "photos").map((entry) => entry.row.id));
      const ready = rows.filter((entry) => entry.state === "waiting" && !here.has(entry.row.photo)); // mark-up follows its photo
      const plain = ready.filter((entry) => entry.kind !== "photos");
      const photos = ready.filter((entry) => entry.kind === "photos");
      const originals = files.filter((file) => file.role === "original" && file.state !== "refused"
        && !rows.some((entry) => entry.row.id === file.photo));
      if (!ready.length && !originals.length) return;
      await this.#hello();
      this.#say("sending");
      for (let at = 0; at < plain.length; at += BATCH) await this.#rows(plain.slice(at, at + BATCH));
      if (photos.length) await this.#each(photos, (entry) => this.#photo(entry, files));
      else if (!plain.length) await this.#each(originals, (file) => this.#original(file));
    }
  }

  async #each(things, work) {
    const queue = things.slice();
    const hand = async () => { while (queue.length) await work(queue.shift()); };
    const ends = await Promise.allSettled(Array.from({ length: PARALLEL }, hand));
    const failed = ends.find((end) => end.status === "rejected");
    if (failed) throw failed.reason;
  }

  async #hello() {
    if (Date.now() - this.greeted < HELLO_EVERY) return;
    const met = await this.#ask(`${this.sync}/hello`);
    if (!met.csrf || !met.user) throw new Trouble("offline"); // a stranger answered: a captive portal
    if (this.user && String(met.user.id) !== this.user) throw new Trouble("signin");
    this.csrf = met.csrf;
    this.greeted = Date.now();
  }

  async #rows(entries) {
    entries.forEach((entry) => this.tell.row(entry, "sending"));
    const batch = {};
    for (const entry of entries) (batch[entry.kind] ??= []).push(entry.row);
    let said;
    try {
      said = await this.#ask(`${this.here}/rows`, { method: "POST", json: batch });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (entries.length === 1) return this.#park(entries, () => error);
      const half = entries.length >> 1; // one bad row never holds the others
      await this.#rows(entries.slice(0, half));
      return this.#rows(entries.slice(half));
    }
    if (!Array.isArray(said.kept)) throw new Trouble("offline");
    const kept = new Set(said.kept);
    const refused = new Map((said.refused ?? []).map((line) => [line.id, line]));
    const done = entries.filter((entry) => kept.has(entry.row.id));
    await store.forget(done.map((entry) => entry.row.id));
    done.forEach((entry) => this.tell.row(entry, "server"));
    await this.#park(entries.filter((entry) => refused.has(entry.row.id)), (entry) => refused.get(entry.row.id));
    if (entries.some((entry) => !kept.has(entry.row.id) && !refused.has(entry.row.id))) throw new Trouble("offline");
  }

  async #park(entries, why) {
    const changes = new Map(entries.map((entry) => {
      const { problem, message } = why(entry);
      return [entry.row.id, { state: "refused", problem, message }];
    }));
    await store.mark(changes);
    entries.forEach((entry) => this.tell.row(entry, "refused", changes.get(entry.row.id).message));
  }

  /** The copy that screens use first, then the row; the original follows when all else is up. */
  async #photo(entry, files) {
    const { row } = entry;
    this.tell.row(entry, "sending");
    const needed = files.find((file) => file.sha256 === (row.working ?? row.sha256));
    try {
      if (needed) await this.#send(needed);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return this.#park([entry], () => error);
    }
    return this.#rows([entry]);
  }

  async #original(file) {
    try {
      await this.#send(file);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      await store.markFile(file, { state: "refused", message: error.message });
      this.tell.file(file, "refused", error.message);
    }
  }

  async #send(file) {
    const url = `${this.here}/blobs/${file.sha256}`;
    const there = file.tried && (await fetch(url, { method: "HEAD", cache: "no-store" }).catch(() => null))?.status === 200;
    file.tried = true;
    if (!there) {
      const body = await store.bytes(this.inspection, file.sha256, this.user);
      if (!body || (await sha256(body)) !== file.sha256) throw new Refused({ problem: "lost", message: say("photo.lost") });
      await this.#ask(url, { method: "PUT", body, type: file.type });
    }
    await store.forgetFile(this.inspection, file.sha256, this.user);
    this.tell.file(file, "server");
  }

  /** Hand the visit in: {receipt, counts}, or {missing}. Throws Trouble. */
  async submit(manifest) {
    await this.#hello();
    try {
      return await this.#ask(`${this.here}/submission`, { method: "POST", json: { manifest } });
    } catch (error) {
      if (error instanceof Refused) return { missing: error.missing ?? [], message: error.message };
      throw error;
    }
  }

  async #ask(url, { method = "GET", json, body, type } = {}, again = true) {
    const headers = { Accept: "application/json" };
    if (method !== "GET") headers["X-CSRFToken"] = this.csrf;
    if (json) headers["Content-Type"] = "application/json";
    else if (body) headers["Content-Type"] = type || "application/octet-stream";
    let answer;
    try {
      answer = await fetch(url, {
        method, headers, body: json ? JSON.stringify(json) : body, cache: "no-store", redirect: "error",
        signal: AbortSignal.timeout?.(body ? 180_000 : 30_000),
      });
    } catch {
      throw new Trouble("offline");
    }
    const said = await answer.json().catch(() => null);
    if (answer.ok) {
      if (said === null && answer.status !== 204 && !body) throw new Trouble("offline");
      return said ?? {};
    }
    if (answer.status === 401) throw new Trouble("signin");
    if (answer.status >= 500 || answer.status === 429 || answer.status === 408 || said === null) throw new Trouble("offline");
    if (said.problem === "csrf" && again) {
      this.greeted = 0;
      await this.#hello();
      return this.#ask(url, { method, json, body, type }, false);
    }
    throw Object.assign(new Refused({ status: answer.status, ...said }), { missing: said.missing ?? said.details?.missing });
  }
}

// The only caller of /sync: answers first, then working copies with their rows, then the untouched originals.
// A row leaves only when the server names it in `kept`; a refused one is parked with its sentence; 401 keeps all.

import { announce } from "./announce.js";
import { arrived } from "./arrived.js";
import { awake } from "./awake.js";
import { sha256 } from "./hash.js";
import { Link, Refused, Trouble } from "./link.js";
import { say } from "./say.js";
import * as store from "./store.js";
import { Uploads } from "./uploads.js";

const BATCH = 200;
const PARALLEL = 3;
const TURNS = 4;
const [FIRST_WAIT, LAST_WAIT] = [200, 60_000];
const SHORT = 3; // so often at the same pace: most breaks last less than a second
const SOONEST = 3_000;
const DRIFT = 120_000;

export class Outbox {
  /** `tell.row(entry, state, message)`, `tell.file(file, state, message)`, `tell.status(status)`; `known`: ids of what an
   *  earlier page left here, of which part may be at the server already. */
  constructor({ sync, inspection, user, tell, known }) {
    Object.assign(this, { known, inspection, user, tell, stuck: new Set(), status: "idle", failures: 0, received: null, version: new URL(import.meta.url).pathname.split("/")[2], originalsMaySend: () => true, itemOf: () => "" });
    this.here = `${sync}/inspections/${inspection}`;
    this.link = new Link(sync, user);
    this.uploads = new Uploads(this.link, this.here);
    addEventListener("online", () => this.kick(true));
    document.addEventListener("visibilitychange", () => this.#seen());
  }

  #seen() {
    if (document.visibilityState === "visible") this.kick(true);
    else if (this.link.csrf) announce(this).catch(() => {}); // perhaps the last moment: the office should know what stays here
  }

  /** Send what waits, now or as soon as the present sending ends; after a failure a new row tries again only every few
   *  seconds. `fresh` (a person asked, the network came back) tries at once and forgets the waiting. */
  kick(fresh = false) {
    if (fresh) this.failures = 0;
    else if (this.failures && performance.now() - this.tried < SOONEST) return;
    this.#go();
  }

  /** Ask whether our server is there, though nothing is to be sent. */
  knock() { this.kick(this.away = true); }

  /** Who asked for something else found nobody: said, and tried again, as if something had been sent. */
  failed(error) { if (error.kind && !this.running) this.#wait(error); }

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
        this.drained?.(this.away);
        this.away = false;
      } catch (error) {
        this.#wait(error);
        return;
      }
    }
  }

  /** Twice as long after each failure, and never at the same moment as other tablets; as long as a busy server asks. */
  #wait(error) {
    if (!error.kind) console.error(error);
    if (this.moved?.()) this.failures = 0; // the line is bad, but something came through: go on soon
    this.link.greeted = -Infinity;
    this.away = true;
    this.#say(["signin", "update", "gone"].includes(error.kind) ? error.kind : "offline", error);
    const wait = Math.max(error.wait ?? 0, Math.min(LAST_WAIT, FIRST_WAIT * 2 ** Math.max(0, this.failures++ - SHORT))) * (0.5 + Math.random() / 2);
    this.tried = performance.now();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#go(), Math.max(wait, error.wait ?? 0));
  }

  #say(status, error) {
    if (error && this.status !== status) store.log({ ...this.#mine(), what: "line", result: error.kind ?? "offline", wait: error.wait ?? 0 });
    this.status = status;
    this.tell.status(status);
    awake(this, status === "sending");
  }

  /** How far this device's clock is off: kept, said in the log when it is worth a word, never corrected in rows. */
  #clock() {
    const { clock } = this.link;
    if (Math.abs(clock - (this.clock ?? Infinity)) < 10_000) return;
    if (Math.abs(clock) > DRIFT) this.#logged({ what: "clock", offset: clock });
    this.clock = clock;
    store.setFact("clock", { offset: clock, at: Date.now() }).then(() => this.met?.(), () => {});
  }

  #mine() { return { inspection: this.inspection, user: this.user }; }

  /** One sender for all tabs of this device, where the browser can promise it. */
  #alone(work) {
    return navigator.locks ? navigator.locks.request("outbox", work) : work();
  }

  async #drain() {
    const before = this.uploads.arrived;
    this.moved = () => this.kept || this.uploads.arrived > before;
    this.kept = false;
    const stop = new AbortController();
    let met = this.away ? this.link.hello(true) : null;
    await met;
    for (let todo; (todo = await this.todo()).any;) {
      await (met ??= this.link.hello());
      this.#clock();
      this.#say("sending");
      await this.#plain(todo);
      if (todo.photos.length + todo.originals.length > PARALLEL) await this.#announce(); // should the line never come back
      if (todo.photos.length) await this.#hands(todo.photos, (entry) => this.#photo(entry, todo.files, stop), stop);
      else if (!todo.plain.length) await this.#hands(todo.originals, (file) => this.#original(file, stop), stop);
      this.originals = false;
    }
    if (met) await this.#announce();
  }

  /** What cannot be announced now is sent all the same. */
  async #announce() {
    await announce(this).catch((error) => { if (["signin", "update"].includes(error.kind)) throw error; });
  }

  /** What may be sent now. A row about a photo waits until the photo's own row is there, an original too; and it is not
   *  known whose rows those are that wait for their key. */
  async todo() {
    const { rows, files, locked } = await store.waiting(this.inspection, this.user);
    const ready = rows.filter((entry) => entry.state === "waiting");
    const shots = rows.filter((entry) => entry.kind === "photos");
    const [away, bad] = [shots, shots.filter((entry) => entry.state === "refused")].map((all) => new Set(all.map((entry) => entry.row.id)));
    this.stuck = new Set(ready.filter((entry) => bad.has(entry.row.photo)).map((entry) => entry.row.id)); // until its photo is sent again, or taken out
    const plain = ready.filter((entry) => entry.kind !== "photos" && !away.has(entry.row.photo));
    const photos = ready.filter((entry) => entry.kind === "photos");
    const last = locked ? [] : files.filter((file) => file.role === "original" && file.state !== "refused" && !away.has(file.photo));
    const originals = (await this.originalsMaySend(last.length)) ? last : [];
    this.resting = last.length - originals.length; // for Wi-Fi, or for a person's word
    return { rows, files, plain, photos, originals, any: plain.length + photos.length + originals.length };
  }

  /** Several at a time; the first trouble that a fresh hello does not clear stops them all. */
  async #hands(things, work, stop) {
    this.queue = things.slice();
    const hand = async () => {
      while (this.queue.length && !stop.signal.aborted) {
        const thing = this.queue.shift();
        await this.#overtake();
        await this.#steady(() => work(thing), stop.signal);
      }
    };
    const ends = await Promise.allSettled(Array.from({ length: PARALLEL }, () => hand().catch((error) => { stop.abort(); throw error; })));
    const posted = await Promise.allSettled([this.posting]);
    const failed = [...ends, ...posted].filter((end) => end.status === "rejected").map((end) => end.reason);
    if (failed.length) throw failed.find((error) => error.kind !== "offline") ?? failed[0];
  }

  /** Once more when the line broke and our server is there again; what has arrived is not sent again. */
  async #steady(work, signal) {
    for (let turn = 0; ; turn++) {
      try {
        return await work();
      } catch (error) {
        if (!["offline", "large"].includes(error.kind)) throw error;
        this.uploads.broken(error);
        if (turn === TURNS || signal.aborted) throw error;
        await this.link.hello(true);
      }
    }
  }

  /** Answers given while photos go up are sent before the next piece of any photo. */
  #overtake() {
    if (this.overtaking || !this.again) return this.overtaking;
    this.again = false;
    this.overtaking = this.todo().then((todo) => {
      if (this.originals && todo.photos.length) this.queue.length = 0; // what screens show goes before originals
      return this.#plain(todo);
    }).finally(() => { this.overtaking = null; });
    return this.overtaking;
  }

  async #plain({ plain }) {
    for (let at = 0; at < plain.length; at += BATCH) await this.#rows(plain.slice(at, at + BATCH));
  }

  async #rows(entries) {
    entries.forEach((entry) => this.tell.row(entry, "sending"));
    const batch = {};
    for (const entry of entries) (batch[entry.kind] ??= []).push(entry.row);
    let said;
    try {
      said = await this.link.ask(`${this.here}/rows`, { method: "POST", json: batch });
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
    if (done.length) await arrived(this.user, this.inspection, done);
    await store.forget(done.map((entry) => entry.row.id), Date.now() - this.link.clock);
    if (done.length) this.#logged({ what: "rows", items: done.map(({ row }) => row.item ?? ""), bytes: JSON.stringify(batch).length, result: "kept", code: done.at(-1).row.id });
    done.forEach((entry) => this.tell.row(entry, "server"));
    await this.#park(entries.filter((entry) => refused.has(entry.row.id)), (entry) => refused.get(entry.row.id));
    if (entries.some((entry) => !kept.has(entry.row.id) && !refused.has(entry.row.id))) throw new Trouble("offline");
  }

  #logged(line) {
    if (line.result === "kept") this.kept = true;
    store.log({ ...this.#mine(), ...line });
  }

  async #park(entries, why) {
    const changes = new Map(entries.map((entry) => {
      const { problem, message } = why(entry);
      this.#logged({ what: entry.kind, items: [entry.row.item ?? ""], result: "refused", problem, message, code: entry.row.id });
      return [entry.row.id, { state: "refused", problem, message }];
    }));
    if (changes.size) await store.mark(changes);
    entries.forEach((entry) => this.tell.row(entry, "refused", changes.get(entry.row.id).message));
  }

  /** The copy that screens use first, then the row, together with those of others that are ready. */
  async #photo(entry, files, stop) {
    const { row } = entry;
    if (entry.state === "superseded") return; // withdrawn while it stood in the queue
    this.tell.row(entry, "sending");
    const needed = files.find((file) => file.sha256 === (row.working ?? row.sha256));
    try {
      if (needed) await this.#send(needed, row.item, stop);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return this.#park([entry], () => error);
    }
    (this.arrived ??= []).push(entry);
    this.posting ??= this.#post(stop.signal).finally(() => { this.posting = null; });
    this.posting.catch(() => stop.abort()); // the hands go on with the next photo meanwhile
  }

  async #post(signal) {
    while (this.arrived.length) {
      const entries = this.arrived.filter(({ state }) => state !== "superseded");
      this.arrived = [];
      if (entries.length) await this.#steady(() => this.#rows(entries), signal);
    }
  }

  async #original(file, stop) {
    this.originals = true;
    try {
      this.tell.file(file, "sending");
      await this.#send(file, this.itemOf(file), stop);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      await store.markFile(file, { state: "refused", problem: error.problem, message: error.message });
      this.#logged({ what: "original", items: [this.itemOf(file)], result: "refused", problem: error.problem, message: error.message, code: file.sha256 });
      this.tell.file(file, "refused", error.message);
    }
  }

  async #send(file, item, { signal }) {
    const body = await store.bytes(this.inspection, file.sha256, this.user).catch(() => { throw new Trouble("offline"); }); // not lost: not to be read now
    const whole = body && (await sha256(body)) === file.sha256;
    if (!whole && !(await this.uploads.there(file.sha256, signal))) throw new Refused({ problem: "lost", message: say("photo.lost") });
    const between = async () => { await this.#overtake(); if (signal.aborted) throw new Trouble("offline"); };
    if (whole) await this.uploads.send({ ...file, old: this.known.has(file.photo) }, body, { between, signal });
    await store.forgetFile(this.inspection, file.sha256, this.user);
    this.#logged({ what: file.role, items: item ? [item] : [], bytes: body?.byteLength ?? 0, result: "kept", code: file.sha256 });
    this.tell.file(file, "server");
  }

  /** Hand the visit in: {receipt, counts}, or {missing}. Throws Trouble. */
  async submit(manifest) {
    await this.link.hello();
    try {
      const given = await this.link.ask(`${this.here}/submission`, { method: "POST", json: { manifest } });
      this.#logged({ what: "submission", items: [], result: "kept", receipt: given.receipt });
      await announce(this, true).catch(() => {});
      return given;
    } catch (error) {
      if (error instanceof Refused) return { missing: error.more.missing ?? [], message: error.message };
      throw error;
    }
  }
}

// The line to the server: who answers there, what went wrong when nobody does. Knows neither rows nor a queue.

const API = 3;
const HELLO_EVERY = 5 * 60_000;
const PROBE = 3_000;
const PATIENCE = 60_000;

/** Not the fault of what was sent. kind: offline (try again by itself), busy (the server asks to wait `wait` ms),
 *  large (something on the way takes only smaller bodies), signin, update (a person must), gone (the visit is not
 *  this person's now, and may be again). */
export class Trouble extends Error {
  constructor(kind, wait = 0) { super(kind); Object.assign(this, { kind, wait }); }
}

/** The server will not have it; sending it again changes nothing. */
export class Refused extends Error {
  constructor({ status, problem, message, ...more }) { super(message ?? problem); Object.assign(this, { status, problem, more }); }
}

export class Link {
  constructor(sync, user) { Object.assign(this, { sync, user, csrf: null, greeted: -Infinity, clock: null }); }

  /** Make sure that it is our server that answers, and that it knows us: a browser that calls itself online means nothing. */
  hello(fresh = false) {
    if (!fresh && performance.now() - this.greeted < HELLO_EVERY) return Promise.resolve();
    return (this.asking ??= this.#hello().finally(() => { this.asking = null; }));
  }

  async #hello() {
    this.greeted = -Infinity;
    const asked = Date.now();
    const met = await this.ask(`${this.sync}/hello`, { within: PROBE }).catch((error) => { throw error.status === 403 ? other(null) : error; });
    const moment = Date.parse(met.server_time);
    if (!met.csrf || !met.user || !moment) throw new Trouble("offline"); // a stranger answered: a captive portal
    if (met.accepts && !met.accepts.includes(API)) throw new Trouble("update");
    if (this.user && String(met.user.id) !== this.user) throw other(String(met.user.id));
    Object.assign(this, { csrf: met.csrf, greeted: performance.now(), clock: Math.round((asked + Date.now()) / 2 - moment) });
  }

  /** The headers of the answer to HEAD with its status, or null when nobody answered. */
  async head(url, signal) {
    const answer = await fetch(url, { method: "HEAD", headers: this.#headers(), cache: "no-store", redirect: "error", signal: within(PROBE, signal) }).catch(() => null);
    return answer && { status: answer.status, get: (name) => answer.headers.get(name) };
  }

  /** The JSON that the server answers; what is not JSON was not said by it. Throws Trouble or Refused. */
  async ask(url, { method = "GET", json, body, type, headers, within: patience = PATIENCE, signal, keepalive } = {}, again = true) {
    const sent = this.#headers(headers);
    if (method !== "GET") sent["X-CSRFToken"] = this.csrf;
    if (json) sent["Content-Type"] = "application/json";
    else if (body) sent["Content-Type"] = type || "application/octet-stream";
    let answer, said;
    try {
      answer = await fetch(url, {
        method, headers: sent, body: json ? JSON.stringify(json) : body, cache: "no-store", redirect: "error", keepalive, signal: within(patience, signal),
      });
      said = await answer.json().catch(() => null);
    } catch {
      throw new Trouble("offline");
    }
    if (answer.ok && said !== null && typeof said === "object") return said;
    if (method !== "GET" && answer.status === 403) await this.hello(true); // perhaps it is the person, and not what was sent
    if (said?.problem === "csrf" && again) {
      await this.hello(true);
      return this.ask(url, { method, json, body, type, headers, within: patience, signal }, false);
    }
    throw trouble(answer, said);
  }

  #headers(more) { return { Accept: "application/json", "X-Audit-Api": String(API), ...more }; }
}

/** Somebody else is signed in here now, perhaps one who sends nothing at all: said to the whole page (account.js, handover.js). */
function other(detail) {
  dispatchEvent(new CustomEvent("other", { detail }));
  return new Trouble("signin");
}

function trouble(answer, said) {
  const { status } = answer;
  if (status === 401 || said?.problem === "csrf") return new Trouble("signin");
  if (status === 426) return new Trouble("update");
  if ([429, 503, 507].includes(status)) return new Trouble("busy", 1_000 * (Number(answer.headers.get("Retry-After")) || 0));
  if (status === 413 && !said?.problem) return new Trouble("large");
  if (answer.ok || status >= 500 || status === 408 || !said?.problem) return new Trouble("offline");
  if (status === 404) return new Trouble("gone");
  return new Refused({ status, ...said });
}

/** Gives up after so long, or when `signal` says so. */
function within(patience, signal) {
  const late = AbortSignal.timeout?.(patience);
  if (!late || !signal) return signal ?? late;
  if (AbortSignal.any) return AbortSignal.any([late, signal]);
  const either = new AbortController(); // Safari before 17.4
  for (const one of [late, signal]) {
    if (one.aborted) either.abort();
    else one.addEventListener("abort", () => either.abort(), { once: true });
  }
  return either.signal;
}

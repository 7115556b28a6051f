// Bytes on their way up under their hash: whole while the line is good, in pieces that fit it when it is not.

import { Refused, Trouble } from "./link.js";

const WHOLE = 2 ** 20; // up to here one PUT, as long as nothing breaks
const [SMALLEST, FIRST, LARGEST] = [2 ** 15, 2 ** 18, 2 ** 20];
const TARGET = 800; // milliseconds that one piece may take: no more is lost when the line breaks
const ROUGH = 5 * 60_000; // so long after a break nothing large goes in one go
const SLOWEST = 180_000;

export class Uploads {
  constructor(link, here) { Object.assign(this, { link, here, piece: FIRST, broke: -Infinity, tried: new Set(), anew: new Set(), sent: 0, arrived: 0 }); }

  /** Resolves when the server says that it holds these bytes; `between()` is awaited before each piece.
   *  What an earlier try brought there is not sent again. Throws Trouble or Refused. */
  async send({ sha256, type, old }, body, { between, signal }) {
    const url = `${this.here}/blobs/${sha256}`;
    let at = old || this.tried.has(sha256) ? await this.#offset(url, sha256, signal) : 0;
    this.tried.add(sha256);
    for (let turns = 0; at !== true; turns++) {
      if (turns > 16 + body.byteLength / SMALLEST) throw new Trouble("offline"); // it keeps sending us back
      await between();
      const whole = at === 0 && body.byteLength <= (performance.now() - this.broke < ROUGH ? this.piece : WHOLE);
      try {
        at = whole ? await this.#put(url, sha256, body, type, signal) : await this.#patch(url, sha256, body, at, signal);
      } catch (error) {
        if (error.status !== 422 || this.anew.has(sha256)) throw error;
        this.anew.add(sha256); // these bytes were checked here: they may have been spoilt on the way, or what the server had before
        at = 0;
      }
    }
  }

  /** The line broke, or would not take so much at once: from now on less is at stake. */
  broken({ kind }) {
    this.broke = performance.now();
    if (kind === "large") this.piece = Math.max(SMALLEST, this.piece / 2);
  }

  /** Whether the server holds these bytes whole. */
  async there(sha256, signal) { return (await this.#offset(`${this.here}/blobs/${sha256}`, sha256, signal)) === true; }

  /** How much is there: true for all of it. Only our server names the hash, so a captive portal's 200 proves nothing. */
  async #offset(url, sha256, signal) {
    const told = await this.link.head(url, signal);
    if (!told) throw new Trouble("offline");
    if (told.status === 200 && told.get("ETag")?.includes(sha256)) return true;
    return told.status === 404 ? Number(told.get("Upload-Offset")) || 0 : 0;
  }

  async #put(url, sha256, body, type, signal) {
    const said = await this.#timed(body, () => this.link.ask(url, { method: "PUT", body, type, within: SLOWEST, signal }));
    if (said.kept?.includes(sha256)) return true;
    throw new Trouble("offline");
  }

  async #patch(url, sha256, body, at, signal) {
    const piece = body.slice(at, at + this.piece);
    const headers = { "Upload-Offset": String(at), "Upload-Length": String(body.byteLength) };
    try {
      const said = await this.#timed(piece, () => this.link.ask(url, { method: "PATCH", body: piece, headers, signal }));
      if (said.kept?.includes(sha256)) return true;
      if (said.offset > at) return said.offset;
    } catch (error) {
      if (error instanceof Refused && error.status === 409 && Number.isInteger(error.more.offset)) return error.more.offset;
      throw error;
    }
    throw new Trouble("offline");
  }

  /** Count what goes out, and learn from it how much fits into a piece. */
  async #timed(body, work) {
    const began = performance.now();
    this.sent += body.byteLength;
    const said = await work();
    this.arrived += body.byteLength;
    const fits = (body.byteLength / Math.max(1, performance.now() - began)) * TARGET;
    if (body.byteLength >= SMALLEST) this.piece = Math.round(Math.min(LARGEST, Math.max(SMALLEST, (this.piece + fits) / 2)));
    return said;
  }
}

// SHA-256 in plain script, loaded only where the browser offers none (no secure context). FIPS 180-4.

const primes = [];
for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
const K = primes.map((p) => fraction(Math.cbrt(p)));
const START = primes.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
const turn = (x, n) => (x >>> n) | (x << (32 - n));

/** SHA-256 of an ArrayBuffer, in hex. */
export function sha256(buffer) {
  const said = new Uint8Array(buffer);
  const rest = said.length % 64;
  const whole = said.length - rest;
  const tail = new Uint8Array(rest < 56 ? 64 : 128);
  tail.set(said.subarray(whole));
  tail[rest] = 128;
  const size = new DataView(tail.buffer);
  size.setUint32(tail.length - 8, Math.floor(said.length / 2 ** 29));
  size.setUint32(tail.length - 4, (said.length << 3) >>> 0);
  const state = START.slice();
  digest(state, new DataView(said.buffer, said.byteOffset, whole));
  digest(state, size);
  return state.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

function digest(state, view) {
  const w = new Int32Array(64);
  for (let at = 0; at < view.byteLength; at += 64) {
    for (let t = 0; t < 16; t++) w[t] = view.getInt32(at + 4 * t);
    for (let t = 16; t < 64; t++) {
      const x = w[t - 15], y = w[t - 2];
      w[t] = (w[t - 16] + w[t - 7] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10))) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let t = 0; t < 64; t++) {
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[t] + w[t]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => { state[i] = (state[i] + word) | 0; });
  }
}

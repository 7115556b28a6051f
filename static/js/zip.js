// A zip whose members are stored as they are: photos do not get smaller, and nothing is held in memory twice.

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});
const UTF8 = 0x0800;
const encoder = new TextEncoder();

function crc32(octets) {
  let crc = 0xffffffff;
  for (let at = 0; at < octets.length; at++) crc = TABLE[(crc ^ octets[at]) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Numbers as the format wants them: [octets, value] each, the smallest octet first. */
function packed(...fields) {
  const out = new DataView(new ArrayBuffer(fields.reduce((sum, [octets]) => sum + octets, 0)));
  let at = 0;
  for (const [octets, value] of fields) {
    if (octets === 2) out.setUint16(at, value, true);
    else out.setUint32(at, value, true);
    at += octets;
  }
  return out.buffer;
}

/** Date and time as DOS wrote them. */
function dos(moment) {
  const [y, mo, d, h, mi, s] = [moment.getFullYear(), moment.getMonth() + 1, moment.getDate(), moment.getHours(), moment.getMinutes(), moment.getSeconds()];
  return [[2, (h << 11) | (mi << 5) | (s >> 1)], [2, (Math.max(0, y - 1980) << 9) | (mo << 5) | d]];
}

/** Collects members; `blob()` is the whole. Each buffer goes over to the browser's own keeping as soon as it is added. */
export class Zip {
  constructor(moment = new Date()) { Object.assign(this, { time: dos(moment), parts: [], index: [], size: 0 }); }

  /** Add one member from an ArrayBuffer. */
  add(name, buffer) {
    const title = encoder.encode(name);
    const facts = [[2, 20], [2, UTF8], [2, 0], ...this.time, [4, crc32(new Uint8Array(buffer))], [4, buffer.byteLength], [4, buffer.byteLength], [2, title.length], [2, 0]];
    this.index.push(packed([4, 0x02014b50], [2, 20], ...facts, [2, 0], [2, 0], [2, 0], [4, 0], [4, this.size]), title);
    const head = packed([4, 0x04034b50], ...facts);
    this.parts.push(head, title, new Blob([buffer]));
    this.size += head.byteLength + title.length + buffer.byteLength;
  }

  blob() {
    const index = new Blob(this.index), count = this.index.length / 2;
    const end = packed([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, index.size], [4, this.size], [2, 0]);
    return new Blob([...this.parts, index, end], { type: "application/zip" });
  }
}

// Names made on the tablet: SHA-256 of bytes, and random ids. Both work without a secure context too.

/** SHA-256 of an ArrayBuffer, in hex. */
export async function sha256(buffer) {
  if (!globalThis.crypto?.subtle) return (await import("./sha256.js")).sha256(buffer);
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", buffer)));
}

/** A random UUID (version 4). */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const octets = crypto.getRandomValues(new Uint8Array(16));
  octets[6] = (octets[6] & 15) | 64;
  octets[8] = (octets[8] & 63) | 128;
  return hex(octets).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function hex(octets) {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

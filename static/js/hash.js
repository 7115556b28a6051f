// SHA-256 of what the tablet has made, without a secure context too.

import { hex } from "./ids.js";

/** SHA-256 of an ArrayBuffer, in hex. */
export async function sha256(buffer) {
  if (!globalThis.crypto?.subtle) return (await import("./sha256.js")).sha256(buffer);
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", buffer)));
}

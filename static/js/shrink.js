// From a file to a photo: its bytes, their hash, the working copy and a thumbnail; the same in a worker and in the page.

import { sha256 } from "./hash.js";

const HEAD = 64; // octets that tell of what kind a file is
const EDGE = 2048;
const QUALITY = 0.82;
const THUMB = 320; // the long side: sharp at 96 px on the finest screens
const THUMB_QUALITY = 0.75;

/** {buffer, sha256, thumb, working, workingSha}. The untouched bytes are hashed before anything else; the thumbnail is
 *  handed to `early` as soon as it is there. There is no working copy when the browser cannot read the picture (HEIC) or
 *  has no memory for it: then the server makes it. Throws {say} when it is no picture, none of a kind that the server
 *  takes, or too large a one. */
export async function develop({ file, pixels }, early = () => {}) {
  const buffer = await file.arrayBuffer().catch(() => null);
  if (!buffer?.byteLength) throw { say: "photo.empty" };
  if (!taken(new Uint8Array(buffer, 0, Math.min(HEAD, buffer.byteLength)))) throw { say: "photo.kind" };
  const original = await sha256(buffer);
  const made = await shrink(file, pixels, early).catch((why) => { if (why?.say) throw why; return null; });
  const working = made && await made.copy.arrayBuffer();
  return { buffer, sha256: original, thumb: made?.thumb, working, workingSha: working && await sha256(working) };
}

/** Whether a file that begins so is of a kind that the server takes, by its bytes: JPEG, PNG, WebP, HEIC. Browsers can read
 *  others too (GIF, AVIF), but the untouched original of those would be refused for ever. */
function taken(head) {
  const text = String.fromCharCode(...head);
  if (text.slice(4, 8) !== "ftyp") return /^(\xff\xd8\xff|\x89PNG|RIFF[^]{4}WEBP)/.test(text);
  const brands = text.slice(8, Math.max(12, (head[2] << 8) | head[3])); // the box is as long as its first bytes say
  return /^(he|mif1|msf1)/.test(brands) && !/avi[fs]/.test(brands);
}

async function shrink(file, pixels, early) {
  const picture = await read(file);
  if (!picture) return null;
  try {
    const { width, height } = picture;
    if (width * height > pixels) throw { say: "photo.pixels" };
    const small = draw(picture, width, height, EDGE);
    const thumb = await encode(draw(small, small.width, small.height, THUMB), THUMB_QUALITY);
    early(thumb);
    return { thumb, copy: await encode(small, QUALITY) };
  } finally {
    picture.close();
  }
}

/** Only a thumbnail: of a photo that was left here by an earlier page. */
export async function miniature({ file }) {
  const picture = await read(file);
  if (!picture) return {};
  try {
    return { thumb: await encode(draw(picture, picture.width, picture.height, THUMB), THUMB_QUALITY) };
  } finally {
    picture.close();
  }
}

async function read(file) {
  const first = new Uint8Array(await file.slice(0, 21).arrayBuffer());
  if (String.fromCharCode(...first.subarray(8, 16)) === "WEBPVP8X" && first[20] & 8) return null; // has EXIF, by which browsers do not turn WebP: the server does
  try {
    return await createImageBitmap(file); // upright: browsers turn it as its EXIF says
  } catch {
    if (String.fromCharCode(...first.subarray(4, 8)) === "ftyp") return null;
    throw { say: "photo.empty" };
  }
}

function draw(picture, width, height, edge) {
  const share = Math.min(1, edge / Math.max(width, height));
  const size = { width: Math.max(1, Math.round(width * share)), height: Math.max(1, Math.round(height * share)) };
  const canvas = globalThis.OffscreenCanvas ? new OffscreenCanvas(size.width, size.height) : Object.assign(document.createElement("canvas"), size);
  const pen = canvas.getContext("2d", { alpha: false });
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, 0, 0, size.width, size.height);
  return canvas;
}

async function encode(canvas, quality) {
  const type = "image/jpeg";
  const blob = canvas.convertToBlob ? await canvas.convertToBlob({ type, quality }) : await new Promise((done) => canvas.toBlob(done, type, quality));
  if (!blob?.size) throw new Error("no picture"); // out of memory: browsers then encode nothing
  return blob;
}

// The camera behind the viewfinder: opening the rear one, taking a picture with all it can do, light and zoom where it
// offers them.

const PATIENCE = 5_000;
const WIDTH = 4096, HEIGHT = 3072; // twelve megapixels: more proves nothing more and fills the tablet
const FINE = 0.92;
const STEP = 1.5;
let stream = null;
let track = null;
let still = null; // {capture, settings}: takes finer pictures than the running image
let failures = 0;
let turn = 0;
let lit = false;

/** Open a camera, the rear one unless `device` names another, and show it in `video`: {torch, zoom, several}. */
export async function open(video, device = null) {
  close();
  const mine = ++turn;
  const got = await navigator.mediaDevices.getUserMedia({ audio: false, video: wish(device) });
  if (mine !== turn) return void got.getTracks().forEach((each) => each.stop()); // closed while the person was asked
  stream = got;
  [track] = stream.getVideoTracks();
  video.srcObject = stream;
  await video.play().catch(() => {});
  still = await fine(track).catch(() => null);
  const can = track.getCapabilities?.() ?? {};
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
  return { torch: Boolean(can.torch), zoom: can.zoom?.max > can.zoom?.min, several: cameras.length > 1, track };
}

function wish(device) {
  // where stills are taken apart, the running image need not be finer than the working copy
  const [width, height] = globalThis.ImageCapture ? [2048, 1536] : [WIDTH, HEIGHT];
  const which = device ? { deviceId: { exact: device } } : { facingMode: { ideal: "environment" } };
  const zoom = /Android/.test(navigator.userAgent) && { zoom: true }; // elsewhere browsers would ask whether it may be moved
  return { ...which, width: { ideal: width }, height: { ideal: height }, ...zoom };
}

async function fine(of) {
  if (!globalThis.ImageCapture) return null;
  const capture = new ImageCapture(of);
  const { imageWidth, imageHeight } = await capture.getPhotoCapabilities();
  const settings = imageWidth?.max && imageHeight?.max ? { imageWidth: Math.min(imageWidth.max, WIDTH), imageHeight: Math.min(imageHeight.max, HEIGHT) } : {};
  return { capture, settings };
}

/** Let the camera go: its light goes out. */
export function close() {
  turn++;
  stream?.getTracks().forEach((each) => each.stop());
  stream = track = still = null;
  lit = false;
  failures = 0;
}

/** One picture, as a file with the moment of the tap. */
export async function grab(video) {
  const lastModified = Date.now();
  const blob = (await finest()) ?? await frame(video);
  return new File([blob], `${lastModified}.${blob.type === "image/png" ? "png" : "jpg"}`, { type: blob.type, lastModified });
}

async function finest() {
  if (!still || failures > 1) return null;
  const late = new Promise((done) => { setTimeout(done, PATIENCE, null); });
  const blob = await Promise.race([still.capture.takePhoto(still.settings).catch(() => null), late]);
  if (lit) light(true); // some cameras put the lamp out after a picture
  if (!blob?.size) failures++;
  return blob?.size ? blob : null;
}

/** What is in the running image now. */
async function frame(video) {
  const canvas = Object.assign(document.createElement("canvas"), { width: video.videoWidth, height: video.videoHeight });
  if (!stream || !canvas.width) throw new Error("no image yet");
  canvas.getContext("2d", { alpha: false }).drawImage(video, 0, 0);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", FINE));
  if (!blob?.size) throw new Error("no picture");
  return blob;
}

/** Lamp on or off; resolves to whether it is on. */
export async function light(on) {
  lit = await track.applyConstraints({ advanced: [{ torch: on }] }).then(() => on, () => lit);
  return lit;
}

/** Nearer (1), further (-1), or as it is (0): resolves to how much it is enlarged. */
export async function zoom(direction) {
  const { min, max } = track.getCapabilities().zoom;
  const now = track.getSettings().zoom ?? min;
  const next = Math.min(max, Math.max(min, now * STEP ** direction));
  if (direction) await track.applyConstraints({ advanced: [{ zoom: next }] }).catch(() => {});
  return (track.getSettings().zoom ?? now) / min;
}

/** The name of the camera after this one. */
export async function another() {
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
  const at = cameras.findIndex(({ deviceId }) => deviceId === track?.getSettings().deviceId);
  return cameras[(at + 1) % cameras.length].deviceId;
}

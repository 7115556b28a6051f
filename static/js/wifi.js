// Whether the untouched originals may go over the line that this device is on. Where the browser does not tell which one that
// is, a person says so.

import { fact } from "./store.js";

const FREE = ["wifi", "ethernet"];
const line = navigator.connection;

/** Whether they may: always, unless this device is to wait for Wi-Fi. */
export async function mayGo() {
  return (await fact("originals")) !== "wifi" || (FREE.includes(line?.type) && !line.saveData);
}

/** `work()` whenever the line has become another one. */
export const changed = (work) => line?.addEventListener?.("change", work);

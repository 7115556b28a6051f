// A finger that bounces on an answer neither takes the answer back nor gives it again; and the second tap of a double tap
// does nothing to what the page has brought under the finger meanwhile.

const TWICE = 350; // ms between the taps of a double tap
const NEAR = 40; // px
const TAP = 1_000; // ms that a finger may stay down

export function begin() {
  let last = null, bounced = false; // the last touch of an answer
  addEventListener("pointerdown", (event) => {
    const again = last && event.timeStamp - last.timeStamp < TWICE;
    bounced = Boolean(again) && Math.hypot(event.clientX - last.clientX, event.clientY - last.clientY) < NEAR;
    last = bounced || event.target.closest?.(".answers") ? event : null;
  }, true);
  const swallow = (event) => {
    if (!bounced || event.timeStamp - last.timeStamp > TAP) return;
    event.preventDefault(); // the focus, too
    event.stopImmediatePropagation();
    if (event.type === "click") bounced = false;
  };
  for (const kind of ["mousedown", "click"]) addEventListener(kind, swallow, true);
}

// A finger that bounces on an answer neither takes the answer back nor gives it again.

const TWICE = 150; // ms: nobody means two taps so close

export function begin() {
  let under = null, at = -TWICE, bounced = false;
  addEventListener("pointerdown", ({ target, timeStamp }) => {
    bounced = target === under && timeStamp - at < TWICE;
    [under, at] = [target, timeStamp];
  }, true);
  addEventListener("click", (event) => {
    if (!bounced || event.target !== under || !under.matches?.(".answers :checked")) return;
    bounced = false;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
}

// The bars on top grow with a person's letters: what sticks below them then follows, and nothing is hidden behind them.

const [MOST, BOTH] = [0.2, 0.3]; // of the page's height: a taller bar, or both, as on a phone that lies down, leave no room: the upper one scrolls away
const root = document.documentElement;

/** Begin: now, and whenever their size changes. */
export function begin() {
  const bar = document.querySelector(".topbar"), strip = document.querySelector(".sections"), foot = document.querySelector(".footbar");
  const measure = () => {
    root.style.removeProperty("--bar");
    delete root.dataset.tall;
    const loose = bar.offsetHeight > MOST * innerHeight || bar.offsetHeight + foot.offsetHeight > BOTH * innerHeight;
    if (!loose && bar.offsetHeight <= parseFloat(getComputedStyle(strip).insetBlockStart) + 1) return;
    root.style.setProperty("--bar", loose ? "0px" : `${bar.offsetHeight}px`);
    root.style.setProperty("--strip", `${strip.offsetHeight}px`);
    root.dataset.tall = loose ? "loose" : "yes";
  };
  const seen = new ResizeObserver(measure);
  seen.observe(bar);
  seen.observe(strip);
  new ResizeObserver(() => document.querySelector("[data-undo]").style.setProperty("--foot", `${foot.offsetHeight}px`)).observe(foot);
}

// The rail shows the section under the eyes.

const find = (mark) => document.querySelector(mark);

/** Follow from now on what is read. */
export function begin() {
  const seen = new IntersectionObserver((entries) => {
    const link = entries.find((entry) => entry.isIntersecting)?.target.link;
    if (!link) return;
    find(".sections [aria-current]")?.removeAttribute("aria-current");
    link.setAttribute("aria-current", "location");
    const strip = find(".sections"); // moved alone: scrollIntoView would move the page under the finger as well
    strip.scrollTo(link.offsetLeft + (link.offsetWidth - strip.clientWidth) / 2, link.offsetTop + (link.offsetHeight - strip.clientHeight) / 2);
  }, { rootMargin: "-30% 0px -65%" });
  for (const link of document.querySelectorAll(".sections a")) {
    const part = find(link.hash);
    part.link = link;
    seen.observe(part);
  }
}

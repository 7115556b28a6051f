// The rail shows the section under the eyes; the bar at the bottom leads to what stands behind all sections.

import { make } from "./make.js";
import { say } from "./say.js";

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
    const place = find(link.hash);
    place.link = link;
    seen.observe(place);
  }
  const link = (id) => Object.assign(make("a", "", say(`place.${id}`)), { href: `#${id}` });
  const places = make("nav", "foot-places", ...["equipment", "remarks", "meeting"].map(link));
  find(".footbar").prepend(Object.assign(places, { ariaLabel: say("place.all") }));
}

// Markup and sentences that only some work needs, from templates/parts/: fetched when that work begins.

import { learn } from "./say.js";

const held = new Map();

/** The document of a part; its sentences are known to say() from then on. Rejects when it cannot be had now. */
export function part(name) {
  if (!held.has(name)) held.set(name, load(name).catch((error) => { held.delete(name); throw error; }));
  return held.get(name);
}

async function load(name) {
  const answer = await fetch(new URL(`../parts/${name}.html`, import.meta.url));
  if (!answer.ok) throw new Error(`part ${name}: ${answer.status}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  learn(page);
  return page;
}

// What only some work needs, fetched when that work begins: markup and sentences from templates/parts/, and scripts.

import { learn } from "./say.js";

const PATIENCE = 15_000; // some lines swallow a question, and no answer ever comes
const held = new Map();
const scripts = new Map();
let turn = 0; // so often something could not be had

/** The document of a part; its sentences are known to say() from then on. Rejects when it cannot be had now. */
export function part(name) {
  if (!held.has(name)) held.set(name, load(name).catch((error) => { held.delete(name); turn++; throw error; }));
  return held.get(name);
}

async function load(name) {
  const answer = await fetch(new URL(`../parts/${name}.html`, import.meta.url), { signal: AbortSignal.timeout?.(PATIENCE) });
  if (!answer.ok) throw new Error(`part ${name}: ${answer.status}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.querySelector("[data-say], [data-notice]")) throw new Error(`part ${name}: a stranger answered`);
  learn(page);
  await Promise.all([...page.querySelectorAll("link[rel=stylesheet]")].map(dress));
  return page;
}

/** A sheet that comes with a part holds for the page; without it the part is not shown. At an address of its own when
 *  something could not be had: a browser joins a second question for an address to the first one. */
function dress(sheet) {
  return new Promise((done, fail) => {
    const href = turn ? `${sheet.href}?${turn}` : sheet.href;
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: done });
    link.onerror = () => { link.remove(); fail(new Error(href)); };
    setTimeout(() => { if (!link.sheet) link.onerror(); }, PATIENCE);
    document.head.append(link);
  });
}

/** The exports of a script that is fetched on demand; tried anew at an address of its own when it could not be had. One
 *  that comes after its time is there for the next who asks. */
export function script(name) {
  if (!scripts.has(name)) {
    const asked = import(turn ? `./${name}.js?${turn}` : `./${name}.js`);
    const late = new Promise((_, fail) => { setTimeout(fail, PATIENCE, new Error(name)); });
    scripts.set(name, Promise.race([asked, late]).catch((error) => {
      scripts.delete(name);
      turn++;
      if (error instanceof SyntaxError) globalThis.reportError?.(error); // it is not the line: nobody must take it for that
      throw error;
    }));
    asked.then(() => { if (!scripts.has(name)) scripts.set(name, asked); }, () => {});
  }
  return scripts.get(name);
}

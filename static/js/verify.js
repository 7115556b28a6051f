// Compares a file with the hash of the issued one, here in the browser: nothing is sent.

import { sha256 } from "./hash.js";

const box = document.querySelector("[data-sha256]");
const verdict = box.querySelector("[data-verdict]");
const words = new Map([...box.querySelectorAll("template[data-say]")].map((one) => [one.dataset.say, one]));
box.querySelector("[data-none-scripted]").hidden = true;

function say(key) {
  verdict.replaceChildren(words.get(key).content.cloneNode(true));
}

async function check(file) {
  if (!file) return;
  say("working");
  say(await sha256(await file.arrayBuffer()) === box.dataset.sha256 ? "same" : "other");
}

box.querySelector("[data-file]").addEventListener("change", (event) => check(event.target.files[0]));
for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => event.preventDefault());
box.addEventListener("dragover", () => box.classList.add("drop-over"));
box.addEventListener("dragleave", () => box.classList.remove("drop-over"));
box.addEventListener("drop", (event) => {
  box.classList.remove("drop-over");
  check(event.dataTransfer.files[0]);
});

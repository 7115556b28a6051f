"""The peer of speed.md D: our checklist as a form of enketo-core; `python -m tests.bench.enketo FOLDER [--tier N]`.

Needs npm and what it fetches; nothing of it comes into the repository. The form is what an XLSForm of this checklist
becomes: four answers an item, a note that is relevant with «Không đạt», the score as one calculation. `--plain`:
without the last two, so that a tap has nothing to do but to be kept.
"""

import argparse
import json
import subprocess
from html import escape
from pathlib import Path

from audit_app.records.catalogue import Catalogue

ROOT = Path(__file__).resolve().parents[2]
WORDS = {"dat": "Đạt", "mot_phan": "Một phần", "khong_dat": "Không đạt", "khong_ap_dung": "Không áp dụng"}
# enketo-core 9.0.1 names a version that is not published and a fork that is no package: the nearest that are.
NEAREST = {"leaflet-draw": "1.0.4", "openrosa-xpath-evaluator": "3.1.0"}
PACKAGE = {"private": True, "overrides": NEAREST, "dependencies": {
    "enketo-core": "9.0.1", "leaflet-draw": NEAREST["leaflet-draw"], "esbuild": "0.28.2", "sass": "1.108.2"}}
OWN = {"config": "config.js", **{name: f"src/js/{file}.js" for name, file in {
    "widgets": "widgets", "translator": "fake-translator", "dialog": "fake-dialog", "file-manager": "file-manager",
    "xpath-evaluator-binding": "xpath-evaluator-binding"}.items()}}
MAIN = """import { Form } from "enketo-core";
import model from "./model.json";
const form = new Form(document.querySelector("form.or"), { modelStr: model, instanceStr: null, submitted: false }, {});
const errors = form.init();
if (errors.length) throw new Error(errors.join());
performance.mark("answering");
"""


def question(number: int, text: str, plain: bool) -> str:
    """An item and its note, as enketo-transformer writes them."""
    said = "".join(
        f'<label class=""><input type="radio" name="/data/q{number}" data-name="/data/q{number}" value="{value}"'
        f' data-type-xml="select1"><span lang="" class="option-label active">{word}</span></label>'
        for value, word in WORDS.items())
    relevant = "" if plain else f' data-relevant=" /data/q{number} = \'khong_dat\'"'
    return (
        f'<fieldset class="question simple-select"><fieldset><legend><span lang="" class="question-label active">'
        f'{escape(text)}</span></legend><div class="option-wrapper">{said}</div></fieldset></fieldset>'
        f'<label class="question {"" if plain else "or-branch pre-init "}non-select or-appearance-multiline">'
        f'<span lang="" class="question-label active">Ghi chú</span>'
        f'<textarea name="/data/n{number}" data-type-xml="string"{relevant}></textarea></label>')


def score(count: int) -> str:
    """The sum of all answers, reckoned anew with each."""
    sum_of = " + ".join(f"if( /data/q{n} = 'dat', 2, if( /data/q{n} = 'mot_phan', 1, 0))" for n in range(count))
    return ('<fieldset id="or-calculated-items" style="display:none;"><label class="calculation non-select">'
            f'<input type="hidden" name="/data/score" data-calculate="{escape(sum_of)}" data-type-xml="int">'
            "</label></fieldset>")


def write(folder: Path, texts: list[str], plain: bool) -> None:
    """The sources of the form: page, model, script, packages."""
    folder.mkdir(parents=True, exist_ok=True)
    body = "".join(question(n, text, plain) for n, text in enumerate(texts)) + ("" if plain else score(len(texts)))
    fields = "".join(f"<q{n}/><n{n}/>" for n in range(len(texts))) + ("" if plain else "<score/>")
    model = ('<model xmlns="http://www.w3.org/2002/xforms"><instance><data id="x" version="1">'
             f"{fields}<meta><instanceID/></meta></data></instance></model>")
    page = ('<!doctype html><html lang="vi"><head><meta charset="utf-8"><meta name="viewport" '
            'content="width=device-width"><title>enketo</title><link rel="stylesheet" href="formhub.css"></head><body>'
            '<div class="main"><article class="paper"><form autocomplete="off" novalidate class="or clearfix" dir="ltr"'
            f' data-form-id="x"><h3 id="form-title">Kiểm tra</h3>{body}</form></article></div>'
            '<script src="bundle.js"></script></body></html>')
    for name, said in (("index.html", page), ("main.js", MAIN), ("model.json", json.dumps(model)),
                       ("package.json", json.dumps(PACKAGE))):
        (folder / name).write_text(said, "utf-8")


def build(folder: Path) -> None:
    """Fetch enketo-core and make one script and one sheet of it."""
    def run(*line: str) -> None:
        subprocess.run(line, cwd=folder, check=True)

    run("npm", "install", "--no-audit", "--no-fund", "--loglevel=error")
    core = Path("node_modules/enketo-core")
    for sheet in (folder / core / "src").rglob("*.scss"):  # two of them know only their own repository's folders
        sheet.write_text(sheet.read_text("utf-8").replace("/packages/enketo-core/node_modules/", ""), "utf-8")
    run("npx", "sass", "--load-path=node_modules", "--load-path=.", "--no-source-map", "--style=compressed", "--quiet",
        str(core / "src/sass/formhub/formhub.scss"), "formhub.css")
    run("npx", "esbuild", "main.js", "--bundle", "--minify", "--outfile=bundle.js", "--log-level=error",
        *(f"--alias:enketo/{name}=./{core}/{file}" for name, file in OWN.items()),
        *(f"--loader:.{kind}=dataurl" for kind in ("png", "svg", "gif")), "--loader:.css=empty")


def main() -> None:
    """Write and build the form in a folder."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--tier", type=int, default=3)
    asked.add_argument("--plain", action="store_true")
    given = asked.parse_args()
    found = Catalogue(ROOT / "checklists").get("mot-cua", 1)
    texts = [item.text for section in found.sections for item in section.items if item.tier <= given.tier]
    write(given.folder, texts, given.plain)
    build(given.folder)
    print(f"{len(texts)} items; now: python -m tests.bench.capture --enketo {given.folder} --tier {given.tier}")


if __name__ == "__main__":
    main()

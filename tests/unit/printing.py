"""Print a sample paper the way actions/issue.py does, without a database or a server."""

import json
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from audit_app.media import pdf
from audit_app.rules.wording import FILTERS
from tests.unit.sample_snapshot import pictures

ROOT = Path(__file__).parents[2]
CSS = (ROOT / "static/css/papers/paper.css",)
TEMPLATES = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True, undefined=StrictUndefined)
TEMPLATES.filters.update(FILTERS)


def page(snapshot: dict) -> str:
    """The notice as HTML."""
    return TEMPLATES.get_template("papers/notice.html").render(
        s=snapshot, qr=pdf.qr(snapshot["document"]["verify_url"]))


def notice(snapshot: dict) -> bytes:
    """The notice as PDF, the snapshot attached."""
    data = json.dumps(snapshot, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return pdf.render(
        page(snapshot), css=CSS, pictures=pictures(len(snapshot["photos"])).__getitem__,
        created=datetime.fromisoformat(snapshot["document"]["approved_at"]),
        attachments=[("findings.json", data, "application/json")])

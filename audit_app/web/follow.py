"""What became of the findings: deadlines, and what the agencies answered."""

from flask import Blueprint, g, render_template

from audit_app.records import lists, news, queries
from audit_app.rules.permissions import Action
from audit_app.web import day, filters
from audit_app.web.agency import snapshot_of
from audit_app.web.gate import allow
from audit_app.web.sync import tools

bp = Blueprint("follow", __name__)
TABS = ("open", "new", "late", "all")


@bp.get("/follow")
@allow(Action.FOLLOW)
def index():
    asked, today = filters.read(TABS), day.today()
    found = lists.remedies(g.db, today=today, typed=asked.typed, level=asked.level, only_open=asked.tab == "open",
                           only_late=asked.tab == "late", since=day.lately() if asked.tab == "new" else None,
                           page=asked.page)
    listed = [report.inspection_id for report, *_ in found.rows]
    return render_template("follow/index.html", asked=asked, found=found, today=today,
                           **day.answered_lately(g.db, listed), tardy=news.late(g.db, listed))


@bp.get("/follow/<uuid:report>")
@allow(Action.FOLLOW, slow=True)
def show(report):
    with tools().database.transaction(writing=False) as db:
        answers, later = queries.responses(db, report), lists.replaced(db, report)
        tardy = news.late(db, [report.inspection_id])[report.inspection_id]
    return render_template("follow/show.html", report=report, answers=answers, later=later, today=day.today(),
                           tardy=tardy, snapshot=snapshot_of(report))

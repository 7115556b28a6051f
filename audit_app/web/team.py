"""What the whole team has answered so far: from here the tablet page shows what colleagues sent, and who chooses."""

import hashlib
from collections import defaultdict

from flask import Blueprint, Response, g, render_template, request, url_for

from audit_app.actions import closing, standing
from audit_app.actions.inspections import fingerprint
from audit_app.records import queries, tablets
from audit_app.records.evidence import EquipmentCount, Remark
from audit_app.rules.conflicts import together, unaware
from audit_app.rules.permissions import Action
from audit_app.web import tablet
from audit_app.web.gate import allow
from audit_app.web.sync import tools

bp = Blueprint("team", __name__, url_prefix="/inspections/<uuid:inspection>")


@bp.get("/team")
@allow(Action.CAPTURE)
def page(inspection):
    seen = standing.read(g.db, inspection, tablet.checklist_of(inspection, tools().catalogue))
    boxes = _boxes(inspection.id)
    drawn = sorted(str(markup.id) for markup in seen.markups.values())
    leads = [str(member.user_id) for member in inspection.team if member.lead]
    told = f"{fingerprint(seen)} {g.user.id} {leads} {inspection.state} {_heads(seen)} {drawn}"
    told += f" {[(box['known'], box['past']) for box in boxes]}"
    told += f" {closing.rows(g.db, inspection)}"  # not on this page, but it sends the meeting's screen to look
    name = hashlib.sha256(told.encode()).hexdigest()
    if request.if_none_match.contains(name):
        return Response(status=304)
    page = render_template("inspections/team.html", inspection=inspection, rows=_rows(seen), boxes=boxes,
                           **beside(g.db, inspection.id, tools().catalogue))
    response = Response(page)
    response.set_etag(name)
    return response


def _heads(seen: standing.Standing) -> list:
    return sorted(str(row.id) for rows in seen.heads.values() for row in rows)


def beside(db, inspection_id, catalogue) -> dict:
    """What is counted and remarked, for people: {"equipment": [{"kind", "row", "others"}], "remarks": {kind: text}}."""
    counts = counted(db, inspection_id)
    return {"equipment": [{"kind": kind, "row": counts[kind.id][0][-1], "others": counts[kind.id][1]}
                          for kind in catalogue.equipment if kind.id in counts],
            "remarks": {kind: text for kind, rows in queries.remarks(db, inspection_id).items()
                        if (text := together(rows))}}


def counted(db, inspection_id) -> dict[str, tuple[list[EquipmentCount], list[EquipmentCount]]]:
    """Of each kind of equipment that was counted, all counts in the order in which they came, of which the last one
    stands; and those to be read beside it (rules/conflicts.py, `unaware`)."""
    found, ahead = defaultdict(list), tablets.clocks(db, inspection_id)
    for row in queries.captured(db, EquipmentCount, inspection_id):
        found[row.kind].append(row)
    return {kind: (rows, unaware(rows, ahead)) for kind, rows in found.items()}


def _boxes(inspection_id) -> list[dict]:
    """What is counted and remarked, for beside.js: {"mark", "kind", "known": ids of what stands, "past": of all there
    ever was, "values": what the fields of the page hold, "others": counts to be read beside it}."""
    remarks = queries.captured(g.db, Remark, inspection_id)
    def ids(rows, kind=None):
        return " ".join(str(row.id) for row in rows if kind in (None, row.kind))

    return [*({"mark": "equipment", "kind": kind, "known": ids(rows[-1:]), "past": ids(rows),
               "values": [rows[-1].total, rows[-1].working, rows[-1].note], "others": others}
              for kind, (rows, others) in counted(g.db, inspection_id).items()),
            *({"mark": "remark", "kind": kind, "known": ids(rows), "past": ids(remarks, kind),
               "values": [together(rows)], "others": []}
              for kind, rows in queries.remarks(g.db, inspection_id).items())]


def _rows(seen: standing.Standing) -> list[dict]:
    """The items that anybody answered or photographed, in order."""
    return [{"item": item, "row": seen.answers.get(item.id), "answer": said(seen.answers.get(item.id)),
             "outcome": seen.outcome(item), "severity": seen.severity(item),
             "choices": ticked(item, seen.answers.get(item.id)),
             "photos": [photo(seen, row) for row in seen.photos.get(item.id, ())], **sides(seen, item)}
            for item in seen.items if item.id in seen.answers or seen.photos.get(item.id)]


def sides(seen: standing.Standing, item) -> dict:
    """For templates/inspections/_item/sides.html: {"known": ids this person's next answer replaces,
    "sides": the answers that stand side by side, "lead": who chooses, "leads": whether that is the one who asks,
    "own": all are theirs}."""
    lead = next((member.user for member in seen.inspection.team if member.lead), None)
    open_ = seen.conflicts.get(item.id, [])
    own = bool(open_) and all(row.author_id == g.user.id for row in open_)  # from two tablets of theirs
    leads = own or (lead is not None and lead.id == g.user.id)
    heads = [row for row in seen.heads.get(item.id, ()) if leads or not open_ or row.author_id == g.user.id]
    return {"known": " ".join(str(row.id) for row in heads), "lead": lead and lead.full_name, "leads": leads,
            "own": own, "sides": [{"row": row, "answer": said(row), "outcome": seen.outcome_of(item, row),
                       "severity": seen.severity(item, row), "choices": ticked(item, row), "photos": [
                           photo(seen, theirs) for theirs in seen.photos.get(item.id, ())
                           if theirs.author_id == row.author_id]} for row in open_]}


def own(seen: standing.Standing, item):
    """This person's side where two differ: a word added to it must not take over the other's answer."""
    return next((row for row in reversed(seen.conflicts.get(item.id, ())) if row.author_id == g.user.id), None)


def said(row) -> dict | None:
    """An answer as the page's script writes it into the controls."""
    return row and {"value": row.value, "number": tablet.typed(row.number), "of": row.of,
                    "choices": list(row.choices), "severity": row.severity, "note": row.note or ""}


def ticked(item, row) -> list[str]:
    """What was ticked, in words."""
    return [option.text for option in item.options if row and option.id in row.choices]


def photo(seen: standing.Standing, row) -> dict:
    """A photo as the tablet's page shows it."""
    def url(size):
        return url_for("photos.picture", inspection=seen.inspection.id, photo=row.id, size=size)

    return {"id": str(row.id), "sha256": row.sha256, "thumb_url": url("thumb"), "screen_url": url("screen"),
            "markup": tablet.markup(seen.markups.get(row.id))}

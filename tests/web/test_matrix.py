"""Every door of the app × every person: who is let in, who is not, and who does not even learn that it is there."""

import re
from uuid import UUID

import pytest
from sqlalchemy import select

from audit_app.records.evidence import Photo, Report
from audit_app.records.models import User
from audit_app.records.work import Job
from tests.factories import CANARIES, VISITS, answer, hash_of, id_of, picture
from tests.web.visitor import items_of, words

PEOPLE = ("an", "binh", "chi", "dung", "em", "admin", "nobody")
MATRIX = """
                                                                              an  binh chi dung em  admin nobody
GET  /healthz                                                                 200 200  200 200  200 200   200
GET  /static/…/<path:filename>                                                200 200  200 200  200 200   200
GET  /static/…/css/<any>.css                                                  200 200  200 200  200 200   200
GET  /static/…/img/<any>.svg                                                  200 200  200 200  200 200   200
GET  /static/…/js/<any>.js                                                    200 200  200 200  200 200   200
GET  /static/…/parts/<any>.html                                               200 200  200 200  200 200   200
GET  /static/…/manifest.webmanifest                                           200 200  200 200  200 200   200
GET  /static/…/offline.html                                                   200 200  200 200  200 200   200
GET  /static/…/shell.bundle                                                   200 200  200 200  200 200   200
GET  /sw.js                                                                   200 200  200 200  200 200   200
GET  /verify/<code>                                                           200 200  200 200  200 200   200
GET  /sign-in                                                                 302 302  302 302  302 302   200
POST /sign-in                                                                 401 401  401 401  401 401   401
GET  /                                                                        200 200  200 302  302 302   302
GET  /inspections/<uuid:inspection>                                           200 404  200 404  404 404   302
GET  /inspections/<uuid:inspection>/printing                                  200 404  200 404  404 404   302
GET  /inspections/<uuid:inspection>/capture                                   200 404  403 404  404 404   302
GET  /inspections/<uuid:inspection>/guide                                     200 404  403 404  404 404   302
GET  /inspections/<uuid:inspection>/team                                      200 404  403 404  404 404   302
POST /inspections/<uuid:inspection>/answers                                   302 404  403 404  404 404   401
POST /inspections/<uuid:inspection>/equipment                                 302 404  403 404  404 404   401
POST /inspections/<uuid:inspection>/remarks                                   302 404  403 404  404 404   401
GET  /inspections/<uuid:inspection>/photos/<uuid:photo>/<any>                 200 404  200 404  404 404   302
GET  /inspections/<uuid:inspection>/photos/<uuid:photo>/original              403 404  200 404  404 404   302
GET  /inspections/<uuid:inspection>/review                                    403 404  200 404  404 404   302
POST /inspections/<uuid:inspection>/verdicts                                  403 404  422 404  404 404   401
POST /inspections/<uuid:inspection>/return                                    403 404  422 404  404 404   401
GET  /inspections/<uuid:inspection>/approval                                  403 404  200 404  404 404   302
POST /inspections/<uuid:inspection>/approval                                  403 404  422 404  404 404   401
GET  /inspections/<uuid:inspection>/number                                    403 404  200 404  404 404   302
POST /inspections/<uuid:inspection>/number                                    403 404  422 404  404 404   401
GET  /inspections/<uuid:inspection>/taken-out                                 403 404  200 404  404 404   302
POST /inspections/<uuid:inspection>/taken-out                                 403 404  422 404  404 404   401
GET  /inspections/<uuid:inspection>/put-back                                  403 404  200 404  404 404   302
POST /inspections/<uuid:inspection>/put-back                                  403 404  422 404  404 404   401
POST /inspections/<uuid:inspection>/submission                                302 404  403 404  404 404   401
POST /jobs/<int:job>/rerun                                                    404 404  302 404  404 404   401

GET  /sync/hello                                                              200 200  403 403  403 403   401
GET  /sync/inspections                                                        200 200  403 403  403 403   401
GET  /sync/inspections/<uuid:inspection>                                      200 404  403 404  404 404   401
GET  /sync/inspections/<uuid:inspection>/score                                200 404  403 404  404 404   401
HEAD /sync/inspections/<uuid:inspection>/blobs/<sha256>                       200 404  403 404  404 404   401
PUT  /sync/inspections/<uuid:inspection>/blobs/<sha256>                       200 404  403 404  404 404   401
PATCH /sync/inspections/<uuid:inspection>/blobs/<sha256>                      422 404  403 404  404 404   401
POST /sync/inspections/<uuid:inspection>/rows                                 200 404  403 404  404 404   401
POST /sync/inspections/<uuid:inspection>/absent                               422 404  403 404  404 404   401
POST /sync/inspections/<uuid:inspection>/device                               422 404  403 404  404 404   401
POST /sync/inspections/<uuid:inspection>/submission                           201 404  403 404  404 404   401

GET  /review                                                                  403 403  200 403  403 403   302
GET  /rounds                                                                  403 403  200 403  403 403   302
GET  /rounds/new                                                              403 403  200 403  403 403   302
POST /rounds/new                                                              403 403  422 403  403 403   401
GET  /rounds/<uuid:round>                                                     404 404  200 404  404 404   302
GET  /rounds/<uuid:round>/visits                                              404 404  200 404  404 404   302
POST /rounds/<uuid:round>/visits                                              404 404  422 404  404 404   401
GET  /rounds/visits/<uuid:inspection>                                         403 404  200 404  404 404   302
POST /rounds/visits/<uuid:inspection>                                         403 404  422 404  404 404   401
GET  /rounds/visits/<uuid:inspection>/cancelling                              403 404  200 404  404 404   302
POST /rounds/visits/<uuid:inspection>/cancelling                              403 404  422 404  404 404   401
POST /rounds/visits/<uuid:inspection>/restoring                               403 404  409 404  404 404   401
GET  /rounds/<uuid:round>/change                                              404 404  200 404  404 404   302
POST /rounds/<uuid:round>/change                                              404 404  422 404  404 404   401
GET  /follow                                                                  403 403  200 403  403 403   302
GET  /follow/<uuid:report>                                                    403 404  200 403  404 404   302
GET  /reports                                                                 403 403  200 403  403 403   302
GET  /reports/<uuid:report>.pdf                                               200 404  200 200  404 404   302
GET  /reports/<uuid:report>/minutes.pdf                                       404 404  404 404  404 404   302
GET  /inspections/<uuid:inspection>/minutes.pdf                               404 404  404 404  404 404   302
GET  /agency                                                                  403 403  403 200  200 403   302
GET  /agency/reports/<uuid:report>                                            403 404  403 200  404 404   302
POST /reports/<uuid:report>/response                                          403 404  403 422  404 404   401

GET  /agencies                                                                403 403  200 403  403 200   302
GET  /agencies/<uuid:agency>                                                  404 404  200 404  404 200   302
GET  /agencies/<uuid:agency>/contact                                          404 404  200 404  404 200   302
POST /agencies/<uuid:agency>/contact                                          404 404  422 404  404 422   401
GET  /agencies/register.xlsx                                                  403 403  200 403  403 200   302
GET  /agencies/import                                                         403 403  200 403  403 200   302
POST /agencies/import                                                         403 403  422 403  403 422   401
GET  /people                                                                  403 403  403 403  403 200   302
GET  /people/new                                                              403 403  403 403  403 200   302
POST /people/new                                                              403 403  403 403  403 422   401
GET  /people/<uuid:person>                                                    404 404  404 404  404 200   302
POST /people/<uuid:person>                                                    404 404  404 404  404 422   401
POST /people/<uuid:person>/password                                           404 404  404 404  404 422   401
POST /people/<uuid:person>/disabling                                          404 404  404 404  404 302   401
POST /people/<uuid:person>/enabling                                           404 404  404 404  404 302   401

GET  /account                                                                 200 200  200 200  200 200   302
POST /account/password                                                        422 422  422 422  422 422   401
POST /sign-out                                                                302 302  302 302  302 302   401
"""
"""The inspections, photos and jobs are An's, the reports Dung's agency's. 404: this person cannot see it, 403: may
not do it, 422: was let in and told what is wrong with an empty form. nobody is sent to sign in, a program told to."""

DECISIONS = ("/review", "/verdicts", "/return", "/approval", "/original")
ISSUED = ("/number", "/taken-out", "/put-back")
MISSING = "00000000-0000-4000-8000-000000000000"
BODIES = {
    "/inspections/<uuid:inspection>/answers": {"item": "BH01", "value": "dat"},
    "/inspections/<uuid:inspection>/remarks": {"proposal": "thêm bàn"},
    "/inspections/<uuid:inspection>/verdicts": {"item": "BH01"},
    "/inspections/<uuid:inspection>/approval": {"remedy_by": "hôm nào đó"},
    "/people/<uuid:person>/password": {"password": "abc", "again": "abd"},
}


def table() -> dict[tuple[str, str], dict[str, int]]:
    """{(method, rule): {person: status}}"""
    lines = [line.split() for line in MATRIX.splitlines() if "/" in line]
    return {(method, rule): dict(zip(PEOPLE, map(int, said), strict=True)) for method, rule, *said in lines}


def shortened(rule: str) -> str:
    """A rule without what changes with every build."""
    return re.sub(r"<any\(.*?\):\w+>", "<any>", re.sub(r"^/static/\w+/", "/static/…/", rule))


def doors(app) -> dict[tuple[str, str], str]:
    """{(method, shortened rule): the rule itself} for everything that can be reached."""
    return {(method, shortened(str(rule))): str(rule) for rule in app.url_map.iter_rules()
            for method in rule.methods - {"OPTIONS"} - ({"HEAD"} if "GET" in rule.methods else set())}


class Names:
    """What stands in the place of each <…> of a rule."""

    def __init__(self, app, database):
        self.static = app.static_url_path
        with database.transaction(writing=False) as db:
            self.job = db.scalar(select(Job.id).where(Job.inspection_id == id_of("approved"), Job.state == "failed"))
            self.person = db.scalar(select(User.id).where(User.name == "giang"))
            self.code = db.get(Report, id_of("report issued")).code
        self.photos = {}

    def address(self, rule: str, photos: dict, *, missing: bool = False) -> str:
        """The rule with everything filled in; `missing`: with ids that nothing has."""
        visit = "issued" if rule.endswith(ISSUED) else "submitted" if rule.endswith(DECISIONS) else "draft"
        known = {
            "inspection": id_of(visit), "photo": photos.get(visit, MISSING), "report": id_of("report issued"),
            "round": id_of("round"), "agency": id_of("hoan_kiem"), "person": self.person, "job": self.job,
        }  # fmt: skip
        given = {name: MISSING if missing else value for name, value in known.items()} | {
            "job": 999_999 if missing else self.job, "sha256": hash_of(picture(seed=5)), "code": self.code,
            "filename": "img/LICENCE.txt",
        }  # fmt: skip
        filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(given[found[1]]), rule.replace("<any>", "{any}"))
        one = {"css": "site", "js": "capture", "img": "mark", "parts": "markup"}
        any_of = one.get(filled.split("/")[3] if "static" in filled else "")
        return filled.replace("/static/…", self.static).replace("{any}", any_of or "thumb")


@pytest.fixture
def names(app, database) -> Names:
    return Names(app, database)


@pytest.fixture
def photos(database) -> dict[str, str]:
    """A photo of each of An's visits."""
    with database.transaction(writing=False) as db:
        rows = db.execute(select(Photo.inspection_id, Photo.id))
        found = {inspection: str(photo) for inspection, photo in rows}
    return {visit: found[id_of(visit)] for visit, (_, who) in VISITS.items() if who == "an"}


def knock(visitor, method: str, rule: str, address: str):
    """Open a door with what it expects."""
    if method in ("GET", "HEAD"):
        return visitor.open(address, method=method)
    headers = visitor.csrf
    if rule.startswith("/sync"):
        if method == "PUT":
            return visitor.open(address, method=method, data=picture(seed=5), headers=headers)
        return visitor.open(address, method=method, json={"manifest": {}}, headers=headers)
    return visitor.open(address, method=method, data=BODIES.get(rule, {}), headers=headers)


def test_every_door_of_the_app_stands_in_the_table_and_the_table_has_no_others(app):
    there, told = set(doors(app)), set(table())
    assert not there - told, f"say who may come in: {sorted(there - told)}"
    assert not told - there, f"no such doors any more: {sorted(told - there)}"


@pytest.mark.parametrize("person", PEOPLE)
def test_a_person_comes_in_where_the_table_says_and_nowhere_else(client_of, names, photos, person):
    visitor, wrong = client_of(person), []
    for (method, rule), expected in table().items():
        found = knock(visitor, method, rule, names.address(rule, photos))
        if found.status_code != expected[person]:
            wrong.append(f"{method} {rule}: {found.status_code} instead of {expected[person]}")
        if person == "nobody" and found.status_code == 302:
            assert found.location.startswith("/sign-in?next="), rule
        if found.status_code == 401 and rule.startswith("/sync") and method != "HEAD":
            assert found.json["problem"] == "sign_in"
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("person", PEOPLE)
def test_what_a_person_may_not_see_looks_like_what_is_not_there(client_of, names, photos, person):
    visitor = client_of(person)
    visitor.get("/account")  # a browser that has its cookie
    for (method, rule), expected in table().items():
        if not re.search(r"<(uuid|int):", rule):
            continue
        missing = knock(visitor, method, rule, names.address(rule, photos, missing=True))
        if person == "nobody":
            assert missing.status_code == expected[person], rule
            continue
        assert missing.status_code == 404, f"{method} {rule}: {missing.status_code}"
        if expected[person] == 404:
            foreign = knock(visitor, method, rule, names.address(rule, photos))
            assert without_token(foreign) == without_token(missing), rule


def without_token(answer) -> list:
    return [*sorted(answer.headers), re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text)]


def test_a_photo_is_not_found_under_another_visit_even_by_who_may_see_both(an, chi, photos):
    for visitor in (an, chi):
        for size in ("thumb", "print", "screen"):
            own = visitor.get(f"/inspections/{id_of('draft')}/photos/{photos['draft']}/{size}")
            assert own.status_code == 200 and own.mimetype == "image/jpeg"
            assert visitor.get(f"/inspections/{id_of('submitted')}/photos/{photos['draft']}/{size}").status_code == 404
    assert chi.get(f"/inspections/{id_of('submitted')}/photos/{photos['draft']}/original").status_code == 404


def test_the_office_gets_the_untouched_original_only_to_keep_and_it_is_written_down(chi, photos, database):
    got = chi.get(f"/inspections/{id_of('submitted')}/photos/{photos['submitted']}/original")
    assert got.data == picture(seed=len("submitted")) and got.mimetype == "application/octet-stream"
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert "Mở bản gốc của ảnh" in chi.get(f"/inspections/{id_of('submitted')}").text


# ── What leaks ────────────────────────────────────────────────────────────────────────────────────
def everything_readable(visitor, names, photos, person: str) -> str:
    """Every page and every answer that this person is given, in one text."""
    seen = []
    for (method, rule), expected in table().items():
        if method == "GET" and "static" not in rule and expected[person] != 302:
            seen.append(words(knock(visitor, method, rule, names.address(rule, photos))))
    for visit in VISITS:
        addresses = (f"/inspections/{id_of(visit)}", f"/sync/inspections/{id_of(visit)}",
                     f"/follow/{id_of('report ' + visit)}", f"/agency/reports/{id_of('report ' + visit)}")
        seen += [visitor.get(address).text for address in addresses]
    return "\n".join(seen)


@pytest.mark.parametrize(("person", "may_read"), [
    ("dung", {"issued"}), ("em", {"binhs_issued"}), ("binh", {"binhs", "binhs_issued"}), ("admin", set()),
    ("nobody", set())])  # fmt: skip
def test_nothing_that_was_typed_reaches_a_person_it_is_not_for(client_of, names, photos, person, may_read):
    """Every field of every visit holds a word of its own; those of other people's visits are found nowhere."""
    seen = everything_readable(client_of(person), names, photos, person)
    leaked = [f"{word}-{visit}" for word in CANARIES.values() for visit in VISITS.keys() - may_read
              if re.search(rf"{word}-{visit}(?!\w)", seen)]  # fmt: skip
    assert not leaked


def test_an_agency_never_reads_the_offices_reasons_nor_who_its_inspectors_are_by_name_of_account(client_of, names):
    for person, visit in (("dung", "issued"), ("em", "binhs_issued")):
        seen = client_of(person).get("/agency").text
        assert f"{CANARIES['note']}-{visit}" in seen, "its own findings, with the fact that was noted"
        assert CANARIES["verdict"] not in seen
        assert str(id_of("draft")) not in seen and str(id_of("approved")) not in seen


def test_what_an_types_now_shows_nowhere_at_her_agency_before_it_is_issued(an, dung, em):
    row = answer(items_of(an.whole(id_of("draft")))[0], note="bí-mật-vừa-gõ")
    assert an.rows(id_of("draft"), answers=[row]).json["kept"] == [row["id"]]
    for visitor in (dung, em):
        assert "bí-mật-vừa-gõ" not in visitor.get("/agency").text


def test_ids_of_visits_cannot_be_walked(app, database):
    """Random ids are no protection, but a door that takes numbers would be an invitation: only jobs have one."""
    numbered = {rule for _, rule in doors(app) if "<int:" in rule}
    assert numbered == {"/jobs/<int:job>/rerun"}
    assert all(UUID(str(id_of(visit))) for visit in VISITS)

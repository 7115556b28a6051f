"""Every blueprint of the app, in one list."""

from audit_app.web import (
    agencies,
    agency,
    capture,
    follow,
    health,
    home,
    inspections,
    people,
    photos,
    reports,
    review,
    rounds,
    shell,
    signin,
    sync,
    verify,
)

ALL = (signin, home, inspections, capture, photos, sync, rounds, review, follow, reports, agencies, people, agency,
       verify, health, shell)

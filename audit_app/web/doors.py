"""Every blueprint of the app, in one list."""

from audit_app.web import (
    account,
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
    team,
    verify,
)

ALL = (signin, home, inspections, capture, team, photos, sync, rounds, review, follow, reports, agencies, people,
       account, agency, verify, health, shell)

"""Every blueprint of the app, in one list."""

from audit_app.web import capture, health, home, photos, signin, sync

ALL = (signin, home, capture, photos, sync, health)

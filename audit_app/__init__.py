"""On-site inspection of one-stop shops: captured on tablets, reviewed, issued as PDF findings.

The house, from the ground up. A floor may use the floors below it, never above:

    rules     what is true       pure functions; no Flask, no tables, no files, no clock
    media     bytes              blobs, photos, PDF: the only doors to disk, Pillow, WeasyPrint
    records   what is kept       tables, queries, checklists on file
    actions   what can be done   one function per verb; given a session and an actor
    web, cli  how it is reached  pages, forms, the tablets' sync, commands

Importing this package needs nothing but the standard library: the bootstrap in `__main__` runs before
anything is installed.
"""

import os


def create_app(settings=None):
    """The Flask application, for `flask --app audit_app run`, gunicorn and tests.

    `settings`: a `config.Settings`, read from the environment when left out. Under `flask run` the database is
    prepared and jobs are done in a thread, because nobody else does it there.
    Raises `config.WrongSetting` when the environment holds a value that cannot be meant.
    """
    from audit_app.web import build

    app = build(settings)
    if settings is None and os.environ.get("FLASK_RUN_FROM_CLI") == "true":
        from audit_app.actions import setup

        setup.prepare(app.extensions["tools"], app.extensions["passwords"], say=print)
        setup.work_in_a_thread(app.extensions["tools"])
    return app

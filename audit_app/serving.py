"""Serving for real: gunicorn threads for the web, one child process for the worker, started again when it dies."""

import gc
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

from gunicorn.app.base import BaseApplication
from gunicorn.util import parse_address

DAY = 86_400


def scratch(data: Path) -> None:
    """Have temporary files in AUDIT_DATA too, for nothing is written elsewhere (outside.md); TMPDIR, where it is set,
    says otherwise. What killed processes left there goes after a day."""
    if "TMPDIR" in os.environ:
        return
    folder = data / "tmp"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in folder.iterdir():
        with suppress(OSError):  # another process was quicker
            if time.time() - left.stat().st_mtime > DAY:
                shutil.rmtree(left) if left.is_dir() else left.unlink()
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


def free(bind: str) -> None:
    """Raises OSError when nothing can be served at this address:port; gunicorn would say so five times over."""
    host, port = parse_address(bind)
    socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()


class Server(BaseApplication):
    """gunicorn, told what it needs by us instead of by a file."""

    def __init__(self, app, options: dict):
        self.app, self.options = app, options
        super().__init__()

    def load_config(self):
        """Hand our options over."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self):
        """The WSGI application."""
        return self.app


def serve(app) -> None:
    """Until someone stops it. Prints the address and, with demo data, where the demo people's passwords lie."""
    settings, tools = app.extensions["settings"], app.extensions["tools"]
    hand = Hand()
    options = {
        "bind": settings.bind, "workers": 2, "threads": 8, "worker_class": "gthread", "preload_app": True,
        "control_socket_disable": True,  # it would lie outside of AUDIT_DATA, and two servers would share it
        "timeout": 120, "graceful_timeout": 10, "accesslog": None, "errorlog": "-", "loglevel": "warning",
        "certfile": settings.tls_cert, "keyfile": settings.tls_key,
        "when_ready": lambda server: _ready(settings, hand), "on_exit": lambda server: hand.let_go(),
        # a forked web process must not share its parent's database connections
        "post_fork": lambda server, worker: tools.database.engine.dispose(close=False),
    }
    tools.database.engine.dispose()
    gc.collect()
    gc.freeze()  # what is here now stays: no collection looks at it again, in no web process (a twelfth of a request)
    sys.argv = sys.argv[:1]  # gunicorn would read our words as its own
    Server(app, {name: value for name, value in options.items() if value is not None}).run()


def _ready(settings, hand: "Hand") -> None:
    hand.hold()
    print(f"Serving {settings.public_url}", flush=True)
    accounts = settings.data / "demo-accounts.txt"
    if accounts.exists():
        print(f"Demo people (name, password, role) in {accounts}:\n{accounts.read_text('utf-8')}", flush=True)


class Hand:
    """Keeps one worker process alive while the web is served."""

    def __init__(self):
        self.child: subprocess.Popen | None = None
        self.stopping = threading.Event()
        # A web process forked while the worker is being started would hold the end of the pipe on which Popen waits
        # for the start: it would wait for ever, and no worker be started again.
        self.starting = threading.Lock()
        os.register_at_fork(before=self.starting.acquire, after_in_parent=self.starting.release,
                            after_in_child=self.starting.release)

    def hold(self) -> None:
        """Start the worker, and a thread that starts it again should it die."""
        threading.Thread(target=self._keep, daemon=True).start()

    def _keep(self) -> None:
        while not self.stopping.is_set():
            with self.starting:
                self.child = subprocess.Popen([sys.executable, "-m", "audit_app", "worker"], env={
                    **os.environ, "AUDIT_BOOTSTRAPPED": "1", "AUDIT_SERVED_BY": str(os.getpid())})
            self.child.wait()
            self.stopping.wait(2)

    def let_go(self) -> None:
        """Stop the worker after its current job."""
        self.stopping.set()
        if self.child and self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(15)
            except subprocess.TimeoutExpired:
                self.child.kill()

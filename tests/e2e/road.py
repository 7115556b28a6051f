"""The road between a tablet and its server: it can be closed, and it can carry another service worker."""

import http.client
import re
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


class Road:
    """One address for the tablet. While it is closed nothing listens there, as when the server is stopped."""

    def __init__(self, url: str):
        self.there, self.port, self.worker, self.seen = urlsplit(url).netloc, 0, None, []
        self.listening, self.late = None, 0  # seconds that each answer takes longer
        self.patience = None  # milliseconds that the worker waits for an answer, instead of three seconds
        self.open()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        """Listen, always on the same port."""
        road = self

        class Carrier(BaseHTTPRequestHandler):
            def carry(self):
                road.carry(self)

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = carry

            def handle(self):
                with suppress(ConnectionError):  # a browser that is closed does not wait for its answers
                    super().handle()

            def log_message(self, *_):
                """Nothing on the console."""

        self.listening = ThreadingHTTPServer(("127.0.0.1", self.port), Carrier)
        self.port = self.listening.server_port
        threading.Thread(target=self.listening.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Nobody listens any more."""
        if self.listening:
            self.listening.shutdown()
            self.listening.server_close()
            self.listening = None

    def carry(self, asked: BaseHTTPRequestHandler) -> None:
        """One request there and its answer back, untouched but for the worker."""
        body = asked.rfile.read(int(asked.headers.get("Content-Length") or 0))
        line = http.client.HTTPConnection(self.there, timeout=60)
        said = dict(asked.headers.items())
        if hurried := asked.path == "/sw.js" and self.patience is not None:
            said["Accept-Encoding"] = "identity"
        line.request(asked.command, asked.path, body=body, headers=said)
        answer = line.getresponse()
        octets, headers = answer.read(), [(k, v) for k, v in answer.getheaders() if k.lower() not in HOP]
        status = answer.status
        line.close()
        threading.Event().wait(self.late)
        self.seen.append((asked.command, asked.path, status))
        if asked.path == "/sw.js" and self.worker:
            octets, status = self.worker.encode(), 200
            headers = [("Content-Type", "text/javascript"), ("Cache-Control", "no-cache")]
        elif hurried:
            octets, changed = re.subn(rb"(?<=PATIENCE=)3e3(?=,SOON)", b"%d" % self.patience, octets)
            assert changed == 1 or not octets, "the worker waits under another name"
        asked.send_response_only(status)
        for name, value in headers:
            asked.send_header(name, value)
        asked.send_header("Content-Length", str(len(octets)))
        asked.end_headers()
        if asked.command != "HEAD":
            asked.wfile.write(octets)

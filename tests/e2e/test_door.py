"""The tablets' door over a real line: whoever is told no hears it, however much they were about to send."""

import json
import urllib.error
import urllib.request
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest


@pytest.mark.parametrize(("method", "path", "octets", "answer"), [
    ("POST", "rows", 9_500_000, (413, "too_large")),
    ("PUT", "blobs/" + "0" * 64, 30_000_000, (413, "too_large")),
    ("PATCH", "blobs/" + "0" * 64, 3_000_000, (401, "sign_in")),
])
def test_who_may_not_send_hears_why_although_the_line_is_to_be_closed(server, method, path, octets, answer):
    url = f"{server.url}/sync/inspections/6b803202-f686-5743-8d4a-532c4dcb4f74/{path}"
    asked = urllib.request.Request(url, data=bytes(octets), method=method)  # noqa: S310 (our own loopback address)
    with pytest.raises(urllib.error.HTTPError) as told:  # urllib closes its line after each answer
        urllib.request.urlopen(asked, timeout=60)  # noqa: S310
    with told.value as said:
        assert (said.code, json.load(said)["problem"]) == answer


def test_the_next_request_on_the_same_line_is_understood(server):
    line = HTTPConnection(urlsplit(server.url).netloc, timeout=60)
    line.request("PUT", "/sync/inspections/6b803202-f686-5743-8d4a-532c4dcb4f74/blobs/" + "0" * 64, bytes(3_000_000))
    assert (first := line.getresponse()).status == 401 and first.read()
    line.request("GET", "/healthz")
    assert line.getresponse().status == 200
    line.close()

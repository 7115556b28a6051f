"""Cut the metadata out of a JPEG without touching its pixels."""

import re

JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
KNOWN = {0xDA, 0xFE, *range(0xE0, 0xF0)}  # a scan, a comment, application data
PICTURE = {0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDD}  # frames, Huffman and quantisation tables, restart interval
SCAN, END = 0xDA, 0xD9
MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # in a scan FF00 is a byte and FFD0 to FFD7 are restarts


def bare(data: bytes) -> bytes | None:
    """The stream with only what draws the picture: no EXIF, GPS, profile, comment, thumbnail, nothing after its end.

    The result says JFIF, so it is only right for pictures in YCbCr. None when the stream is not plain enough to be
    sure; then the caller encodes the pixels again.
    """
    if data[:2] != b"\xff\xd8":
        return None
    kept, at = [b"\xff\xd8", JFIF], 2
    while at + 4 <= len(data) + 2:
        if data[at : at + 1] != b"\xff" or at + 2 > len(data):
            return None
        kind = data[at + 1]
        if kind == 0xFF:  # a fill byte
            at += 1
            continue
        if kind == END:
            return b"".join([*kept, b"\xff\xd9"])
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        end = at + 2 + size
        if size < 2 or end > len(data) or kind not in PICTURE | KNOWN:
            return None
        if kind == SCAN:
            found = MARKER.search(data, end)
            if not found:
                return None
            end = found.end() - 2
        if kind in PICTURE or kind == SCAN:
            kept.append(data[at:end])
        at = end
    return None

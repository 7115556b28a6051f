"""Read time, place and device out of EXIF values; whatever makes no sense is left out."""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from math import isfinite

from audit_app.rules.wording import HANOI


def said(exif: Mapping, details: Mapping, place: Mapping) -> dict:
    """taken_at (UTC, ISO text), lat, lon (degrees), make, model; None each where EXIF says nothing usable.

    `exif`, `details`, `place`: the values of IFD0, of the Exif IFD and of the GPS IFD by tag number.
    """
    lat, lon = _degrees(place, 1, "S", 90), _degrees(place, 3, "W", 180)
    if lat is None or lon is None or (lat, lon) == (0, 0):
        lat = lon = None  # 0, 0 is what devices without a fix write
    return {
        "taken_at": _taken(details.get(0x9003) or exif.get(0x0132), details.get(0x9011) or details.get(0x9010)),
        "lat": lat, "lon": lon, "make": _word(exif.get(0x010F)), "model": _word(exif.get(0x0110)),
    }


def _taken(clock, offset) -> str | None:
    try:
        moment = datetime.strptime(str(clock).strip("\0 ")[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
        zone = HANOI
        if offset:
            sign, hours, minutes = str(offset)[0], int(str(offset)[1:3]), int(str(offset)[4:6])
            zone = timezone((-1 if sign == "-" else 1) * timedelta(hours=hours, minutes=minutes))
        return moment.replace(tzinfo=zone).astimezone(UTC).isoformat()
    except (ValueError, IndexError, OverflowError):
        return None


def _degrees(place: dict, ref: int, negative: str, most: int) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in place[ref + 1])
        value = degrees + minutes / 60 + seconds / 3600
        if not isfinite(value) or not 0 <= value <= most:
            return None
        return round(-value if str(place.get(ref, "")).upper().startswith(negative) else value, 6)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None


def _word(said) -> str | None:
    text = unicodedata.normalize("NFC", "".join(c for c in str(said or "") if c.isprintable())).strip()
    return text[:64] or None

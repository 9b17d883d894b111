"""A calendar invitation (RFC 5545) that comes without words of its own, as a line of text."""

from __future__ import annotations

import re

_MOST = 64_000  # characters that are looked at
_FOLD = re.compile(r"\n[ \t]")
_FIELD = re.compile(
    r"^(SUMMARY|DTSTART|LOCATION|STATUS)(?:;[^:;\n\"]*(?:\"[^\"\n]*\")?)*:([^\n]*)$", re.MULTILINE | re.IGNORECASE
)
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?")
_ESCAPED = re.compile(r"\\([\\;,nN])")
_CANCEL = re.compile(r"^METHOD:CANCEL\s*$", re.MULTILINE | re.IGNORECASE)


def invite_text(source: str) -> str:
    """What, when and where, of the first event; empty where there is none. Times are those that it is written in."""
    whole = _FOLD.sub("", source[:_MOST])
    event = whole.partition("\nBEGIN:VEVENT")[2].partition("\nEND:VEVENT")[0]
    fields = {found[1].upper(): _unescaped(found[2]) for found in _FIELD.finditer(event)}
    if not fields:
        return ""
    canceled = _CANCEL.search(whole) or fields.get("STATUS", "").upper() == "CANCELLED"
    told = ["Canceled" if canceled else "", fields.get("SUMMARY", ""), _when(fields), fields.get("LOCATION", "")]
    return ", ".join(filter(None, told))


def _when(fields: dict[str, str]) -> str:
    found = _TIME.match(fields.get("DTSTART", ""))
    if found is None:
        return ""
    year, month, day, hour, minute, is_utc = found.groups()
    date = f"{year}-{month}-{day}"
    return f"{date} {hour}:{minute}{' UTC' if is_utc else ''}" if hour else date


def _unescaped(value: str) -> str:
    return _ESCAPED.sub(lambda found: " " if found[1] in "nN" else found[1], value).strip()

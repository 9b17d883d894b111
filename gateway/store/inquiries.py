"""What carriers said of attempts in doubt, as the stores keep it: `WORD|MICROSECONDS|MICROSECONDS`.

Since when it is known, and when it is to be asked again: empty for never. Nothing in it is personal.
"""

from __future__ import annotations

from gateway.store.record import instant, micros
from gateway.words.doubt import Inquiry, Listed


def inquiry_written(inquiry: Inquiry | None) -> str:
    """Empty where nobody has asked yet."""
    if inquiry is None:
        return ""
    again = "" if inquiry.again is None else micros(inquiry.again)
    return f"{inquiry.listed}|{micros(inquiry.at)}|{again}"


def inquiry_read(written: str) -> Inquiry | None:
    if not written:
        return None
    listed, at, again = written.split("|")
    return Inquiry(Listed(listed), instant(int(at)), instant(int(again)) if again else None)

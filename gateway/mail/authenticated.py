"""What the mail system in front has found out of a mail's sender: `Authentication-Results` (RFC 8601).

Anybody can write such a field. Believed is the first with the name of that mail system, which takes out those that came
with it (RFC 8601, 5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from gateway.mail.model import NotForTexting

RULE = "mail/not-authenticated"


class Method(StrEnum):
    """How a sender is checked."""

    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"


_STATUS = {Method.DKIM: "5.7.20", Method.SPF: "5.7.23", Method.DMARC: "5.7.26"}  # RFC 7372
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"\s*([A-Za-z0-9-]+)(?:\s*/\s*[0-9]+)?\s*=\s*([A-Za-z]+)")


def refuse_unauthenticated(fields: Iterable[str], authserv: str, demanded: Iterable[Method]) -> None:
    """Raises NotForTexting where one of the demanded methods did not pass. `authserv`: the name of the mail system."""
    found = passed(fields, authserv)
    for method in demanded:
        if method not in found:
            why = f"the sender's address is not shown to be his: {method} did not pass"
            raise NotForTexting(why, _STATUS[method], RULE)


def passed(fields: Iterable[str], authserv: str) -> frozenset[str]:
    """The methods that passed, of the first field of this name."""
    for field in fields:
        name, *results = _plain(field).split(";")
        if (name.split() or [""])[0].lower() == authserv.lower():
            found = (_RESULT.match(result) for result in results)
            return frozenset(each[1].lower() for each in found if each and each[2].lower() == "pass")
    return frozenset()


def _plain(field: str) -> str:
    """Without what may hold anything: quoted strings, and comments in each other."""
    plain = _QUOTED.sub("", field)
    while (shorter := _COMMENT.sub("", plain)) != plain:
        plain = shorter
    return plain

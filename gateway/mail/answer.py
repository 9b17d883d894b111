"""What SMTP says to a mail, or to one of its recipients (RFC 5321, 4.2; RFC 3463)."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.mail.composed import one_line

_LONGEST = 480  # characters: a line of a reply has 512 octets with its end (RFC 5321, 4.5.3.1.5)
_TEMPORARY = 400
_PERMANENT = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """`550 5.7.1 opted out on 1 June (gateway/suppressed)`. `why` holds no number and no text."""

    code: int
    status: str  # RFC 3463
    why: str
    rule: str = ""  # the id of the rule that decided

    @property
    def is_good(self) -> bool:
        return self.code < _TEMPORARY

    @property
    def is_temporary(self) -> bool:
        return _TEMPORARY <= self.code < _PERMANENT

    def __str__(self) -> str:
        said = f"{self.code} {self.status} {one_line(self.why)}{f' ({self.rule})' if self.rule else ''}"
        return said.encode("ascii", "replace").decode()[:_LONGEST]


TRY_AGAIN = Answer(451, "4.3.0", "the gateway can't tell just now; nothing was sent, try again")
UNDER_WAY = Answer(451, "4.3.0", "this very mail is being texted just now; try again")
TAKEN = Answer(250, "2.0.0", "the carrier has it")
WAITS = Answer(250, "2.0.0", "it waits until it may leave")
TAKEN_BEFORE = Answer(250, "2.0.0", "it was taken before, and is not texted twice")
DOUBTFUL = Answer(250, "2.0.0", "it may have been sent; a notification follows")
CARRIER_AWAY = Answer(451, "4.3.0", "the carrier can't be reached; nothing was sent, try again")

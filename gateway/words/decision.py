"""What is to be done with a message, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum


class Action(IntEnum):
    """What is done with a message, the weakest first: of all findings the strongest counts."""

    SEND = 0
    DEFER = 1
    BLOCK = 2


class Reason(StrEnum):
    """The kind of a "no": a dialect has a code for each. Only SUPPRESSED is the carrier's opted-out code."""

    SUPPRESSED = "suppressed"
    BAD_NUMBER = "bad_number"
    BAD_REQUEST = "bad_request"
    NO_CONSENT = "no_consent"
    HOURS = "hours"
    CAP = "cap"
    LIST = "list"
    CONTENT = "content"
    SENDER = "sender"
    TEMPLATE = "template"
    TRY_AGAIN = "try_again"


class Placing(StrEnum):
    """Where an Edit works; edits are applied in this order."""

    LABEL = "label"
    IDENTIFY = "identify"
    TEXT = "text"
    INSTRUCT = "instruct"


@dataclass(frozen=True, slots=True)
class Edit:
    """A change to the text. `variants` say the same, the preferred one first; the rewrite takes what fits best."""

    placing: Placing
    variants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule saw. An observed one changes nothing."""

    rule: str  # "us-federal/quiet-hours": policy and rule id
    action: Action
    why: str  # for people; holds no number and no text
    cites: str = ""
    reason: Reason | None = None  # set unless action is SEND
    not_before: datetime | None = None  # the first instant at which this rule would let it go; only with DEFER
    edit: Edit | None = None
    observed: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """All findings of a message; what they come to is derived, never stored beside them."""

    findings: tuple[Finding, ...]
    revision: str = ""  # of the policies that decided
    not_before: datetime | None = None  # with DEFER: the first instant that all hours rules allow

    @property
    def action(self) -> Action:
        return max((finding.action for finding in self.findings if not finding.observed), default=Action.SEND)

    @property
    def deciding(self) -> Finding | None:
        """The finding that decided: the first of the strongest. None where nothing was found."""
        action = self.action
        if action is Action.SEND:
            return next((finding for finding in self.findings if finding.edit and not finding.observed), None)
        return next(finding for finding in self.findings if finding.action is action and not finding.observed)

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The changes that count, in the order in which they are applied."""
        edits = [finding.edit for finding in self.findings if finding.edit and not finding.observed]
        return tuple(sorted(edits, key=lambda edit: _ORDER[edit.placing]))

    @property
    def word(self) -> str:
        """`send`, `rewrite`, `defer` or `block`, as scenarios, headers and the audit say it."""
        action = self.action
        if action is Action.SEND:
            return "rewrite" if self.edits else "send"
        return action.name.lower()


_ORDER = {placing: place for place, placing in enumerate(Placing)}


class State(StrEnum):
    """An attempt's life. `reserved` and `sending` are open; the others are settled."""

    RESERVED = "reserved"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"  # certainly not sent: what was reserved is given back
    IN_DOUBT = "in doubt"  # the carrier may have it; the machine never sends it again

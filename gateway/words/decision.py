"""What is to be done with a message, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
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
    STOPPED = "stopped"
    TRY_AGAIN = "try_again"


class Placing(StrEnum):
    """Where an Edit works; edits are applied in this order, so that the last one stands outermost."""

    TEXT = "text"  # blots out spans of the text as it came
    IDENTIFY = "identify"
    LABEL = "label"
    IDENTIFY_AFTER = "identify-after"
    LABEL_AFTER = "label-after"
    INSTRUCT = "instruct"


@dataclass(frozen=True, slots=True)
class Edit:
    """A change to the text. `variants` say the same, the preferred one first; the rewrite takes what fits best."""

    placing: Placing
    variants: tuple[str, ...]
    spans: tuple[tuple[int, int], ...] = ()  # with TEXT: characters, from and to before


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule saw. An observed one changes nothing."""

    rule: str  # "us-federal/quiet-hours": policy and rule id
    action: Action
    why: str  # for people; holds no number and no text
    cites: str = ""
    reason: Reason | None = None  # set unless action is SEND
    not_before: datetime | None = None  # the first instant at which this rule would let it go; only with DEFER
    expires: datetime | None = None  # when it is of no use any more; only with DEFER
    edit: Edit | None = None
    observed: bool = False

    def told(self) -> dict[str, object]:
        """For the record and for machines that ask for an explanation: the same words in both."""
        return {
            "rule": self.rule,
            "action": self.action.name.lower(),
            "why": self.why,
            "cites": self.cites,
            "observed": self.observed,
        }


@dataclass(frozen=True, slots=True)
class Decision:
    """All findings of a message, and what they come to: worked out once, where they are put together."""

    findings: tuple[Finding, ...]  # all of them, also those that did not count
    revision: str = ""  # of the policies that decided
    not_before: datetime | None = None  # with DEFER: the first instant that all hours rules allow
    action: Action = field(init=False)
    deciding: Finding | None = field(init=False)  # the first of the strongest; None where nothing was found
    edits: tuple[Edit, ...] = field(init=False)  # the changes that count, in the order in which they are applied

    def __post_init__(self) -> None:
        action, deciding, edits = Action.SEND, None, []
        for finding in self.findings:
            if finding.observed:
                continue
            if finding.edit:
                edits.append(finding.edit)
            if finding.action > action or deciding is None:
                action, deciding = finding.action, finding
        if len(edits) > 1:
            edits.sort(key=lambda edit: _ORDER[edit.placing])
        object.__setattr__(self, "action", action)
        object.__setattr__(self, "deciding", deciding)
        object.__setattr__(self, "edits", tuple(edits))

    @property
    def expires(self) -> datetime | None:
        """When a message that waits is of no use any more, as the rules that defer it say."""
        return min((each.expires for each in self.findings if each.expires and not each.observed), default=None)

    @property
    def word(self) -> str:
        """`send`, `rewrite`, `defer` or `block`, as scenarios, headers and the audit say it."""
        if self.action is Action.SEND:
            return "rewrite" if self.edits else "send"
        return _WORDS[self.action]


_ORDER = {placing: place for place, placing in enumerate(Placing)}
_WORDS = {action: action.name.lower() for action in Action}


class State(StrEnum):
    """An attempt's life: `waiting` and `leased` in the outbox, `reserved` and `sending` open, the others over.

    A worker that dies over a waiting or leased one costs nothing: its lease runs out. Over one that is sending it
    leaves doubt.
    """

    WAITING = "waiting"
    LEASED = "leased"
    DROPPED = "dropped"  # never sent, for a recorded reason
    RESERVED = "reserved"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"  # certainly not sent: what was reserved is given back
    IN_DOUBT = "in doubt"  # the carrier may have it; the machine never sends it again

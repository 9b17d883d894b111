"""A rule in force: a kind, with where and for what it holds, how far it is enforced, and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256

from gateway.policy.rules import Hours, Kind
from gateway.policy.rules.consent import Accepted, covered
from gateway.policy.scope import Scope
from gateway.policy.terms import Span
from gateway.words.decision import Action, Finding
from gateway.words.facts import Facts
from gateway.words.message import Message

ALL = 100  # per cent of recipients


class Through(StrEnum):
    """What says that a rule is not enforced."""

    RULE = "rule"  # its own `enforce`, or its policy's
    RELAXATION = "relaxation"
    PROGRAM = "program"
    SHARE = "share"  # of the recipients: this one isn't among them


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A site's own decision not to enforce a rule, in somebody's name, for a time."""

    rule: str
    by: str
    reason: str
    until: date
    scope: Scope
    approved_by: str = ""

    def holds(self, message: Message, at: datetime) -> bool:
        recipient = message.recipient
        if recipient is None or not self.scope.in_force(at):
            return False
        place = recipient.place
        return self.scope.covers(place.country, message.category, place.regions) and self.scope.fits(message)


@dataclass(frozen=True, slots=True)
class Rule:
    """`id` is the policy's name and the rule's. `share`: for how many per cent of recipients it is enforced."""

    id: str
    kind: Kind
    scope: Scope
    otherwise: Action = Action.BLOCK
    masks: bool = False  # instead of holding the message back
    unless: tuple[Accepted, ...] = ()  # consents that lift it
    cites: str = ""
    observed: bool = False
    share: int = ALL
    relaxations: tuple[Relaxation, ...] = ()
    within: Span | None = None  # how long a message that it defers is worth waiting

    def find(self, message: Message, facts: Facts, at: datetime) -> Finding | None:
        """What it has to say of a message that it is about."""
        seen = self.kind.see(message, facts, at)
        if seen is None or self._is_lifted(message, facts, at):
            return None
        action = seen.action if seen.action is not None else Action.SEND if self.masks else self.otherwise
        relaxed = self.relaxed(message, at)
        return Finding(
            self.id,
            action,
            f"{seen.why} (relaxed until {relaxed.until} by {relaxed.by})" if relaxed else seen.why,
            self.cites,
            None if action is Action.SEND else self.kind.REASON,
            seen.not_before if action is Action.DEFER else None,
            self.within.after(at) if self.within and action is Action.DEFER else None,
            seen.edit if action is Action.SEND else None,
            relaxed is not None or self._is_observed(message),
        )

    def opening(self, zones: Sequence[str], at: datetime) -> datetime | None:
        """When it would let a message go, as far as the hour is concerned; see `Hours.opening`."""
        if not isinstance(self.kind, Hours) or not self.scope.in_force(at):
            return at
        opens, ends = self.kind.opening(zones, at), self.scope.ends
        return ends if ends and (opens is None or ends < opens) else opens

    def enforced(self, message: Message, facts: Facts, at: datetime) -> bool:
        """Whether what it says counts."""
        if self._is_observed(message) or self.relaxed(message, at):
            return False
        return not self._is_lifted(message, facts, at)

    def through(self, message: Message, at: datetime) -> Through | None:
        """Through what it is only observed, so that nothing comes of what it finds; None: it is enforced."""
        if self.observed:
            return Through.RULE
        if self.relaxed(message, at):
            return Through.RELAXATION
        if message.program.observed:
            return Through.PROGRAM
        return Through.SHARE if self._is_observed(message) else None

    def relaxed(self, message: Message, at: datetime) -> Relaxation | None:
        if not self.relaxations:
            return None
        return next((each for each in self.relaxations if each.holds(message, at)), None)

    def _is_lifted(self, message: Message, facts: Facts, at: datetime) -> bool:
        return bool(self.unless) and covered(self.unless, message, facts, at) is not None

    def _is_observed(self, message: Message) -> bool:
        if self.observed or message.program.observed:
            return True
        return self.share < ALL and not _is_among(self.share, message)


def _is_among(share: int, message: Message) -> bool:
    """Whether the recipient is among so many per cent: always the same ones, and all of them stay as it grows."""
    if message.recipient is None:
        return True
    return int.from_bytes(sha256(message.recipient.e164.encode()).digest()[:4]) % ALL < share

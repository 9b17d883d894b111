"""Whether somebody who does not answer a double opt-in is asked once more, and when.

Silence is no consent, and who asks again sends a text that nobody has agreed to: only where a policy says so, and once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, WithJsonSchema

from gateway.policy.terms import Day, Span, Wording, spanned
from gateway.yamlfile import Written

NEVER = "never"
_BEGINNING = datetime(2001, 1, 1, tzinfo=UTC)  # from which spans are measured, to compare them


@dataclass(frozen=True, slots=True)
class Reminding:
    """Of one place. With nothing said nobody is reminded."""

    after: Span | None = None  # from the question on

    @property
    def lasts(self) -> datetime:
        """Comparable: of two, the one that leaves a recipient in peace for longer is the later."""
        return self.after.after(_BEGINNING) if self.after else datetime.max.replace(tzinfo=UTC)


NOBODY = Reminding()


def calmest(said: Iterable[Reminding]) -> Reminding:
    """Where several policies speak of it, the one that leaves recipients in peace for longest."""
    return max(said, key=lambda each: each.lasts, default=NOBODY)


def sooner(new: Reminding, old: Reminding) -> bool:
    """Whether somebody is reminded who was not, or earlier."""
    return new.lasts < old.lasts


def _after(value: object) -> Span | None:
    return None if value == NEVER else spanned(value)


_SAID = WithJsonSchema({"type": "string", "pattern": "^(never|[1-9][0-9]* (minute|hour|day|week|month|year)s?)$"})


class OptInWritten(Written):
    """What may be done to get an answer to a double opt-in, as `reminding.Reminding` has it."""

    remind_after: Annotated[Span | None, BeforeValidator(_after), _SAID]
    cite: Wording
    verified: Literal["seen", "unverified"] = "unverified"
    verified_on: Day | None = None

    def made(self) -> Reminding:
        return Reminding(self.remind_after)

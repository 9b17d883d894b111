"""Which messages a rule is about, and when it is in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Literal

from gateway.text.language import language_of
from gateway.text.pattern import Pattern
from gateway.words.message import Message
from gateway.words.number import Sender, SenderKind
from gateway.words.program import Category

UNKNOWN = "unknown"
DAY = timedelta(days=1)

SenderType = Literal["number", "long-code", "toll-free", "short-code", "alphanumeric", "pool"]

# North America's toll-free codes (47 CFR 52.103 and the codes opened since).
_TOLL_FREE = frozenset({"800", "833", "844", "855", "866", "877", "888"})


@lru_cache(maxsize=1024)  # senders are few
def types_of(sender: Sender) -> tuple[SenderType, ...]:
    """What rules may call this sender, the most exact word last."""
    if sender.kind is SenderKind.NUMBER:
        digits = "".join(filter(str.isdigit, sender.value))
        is_toll_free = digits[-10:-7] in _TOLL_FREE and len(digits) - digits.startswith("1") == 10  # noqa: PLR2004
        return ("number", "toll-free" if is_toll_free else "long-code")
    return _TYPES[sender.kind]


_TYPES: dict[SenderKind, tuple[SenderType, ...]] = {
    SenderKind.SHORT_CODE: ("short-code",),
    SenderKind.ALPHANUMERIC: ("alphanumeric",),
    SenderKind.POOL: ("pool",),
    SenderKind.NONE: (),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Empty means all."""

    categories: frozenset[Category] = frozenset()
    countries: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    programs: frozenset[str] = frozenset()
    senders: frozenset[SenderType] = frozenset()
    upstreams: frozenset[str] = frozenset()
    clients: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    text: Pattern | None = None
    since: date | None = None
    until: date | None = None

    def covers(self, country: str, category: Category, regions: tuple[str, ...]) -> bool:
        """Whether it can hold for such a message. Who may be in several regions is bound by the rules of each."""
        if (self.categories and category not in self.categories) or (self.countries and country not in self.countries):
            return False
        if not self.regions:
            return True
        return not self.regions.isdisjoint(regions) if regions else UNKNOWN in self.regions

    @property
    def asks_more(self) -> bool:
        """Whether it hangs on more of the message than `covers` looks at."""
        named = (self.programs, self.senders, self.upstreams, self.clients, self.subjects, self.languages)
        return any(named) or self.text is not None

    @property
    def conditions(self) -> str:
        """Names what `fits` asks for: the same for scopes that ask for the same."""
        named = (self.programs, self.senders, self.upstreams, self.clients, self.subjects, self.languages)
        asked = "|".join(",".join(sorted(names)) for names in named)
        return sha256(f"{asked}|{self.text.source if self.text else ''}".encode()).hexdigest()[:8]

    def fits(self, message: Message) -> bool:
        """Whether it holds for this message, as far as `covers` didn't say."""
        return (
            (not self.programs or message.program.name in self.programs)
            and (not self.upstreams or message.upstream in self.upstreams)
            and (not self.clients or not self.clients.isdisjoint(message.clients))
            and (not self.subjects or message.subject in self.subjects)
            and (not self.senders or not self.senders.isdisjoint(types_of(message.sender)))
            and (self.text is None or (message.text is not None and self.text.found_in(message.text)))
            and (not self.languages or language_of(message.text or "", message.program.language) in self.languages)
        )

    def in_force(self, at: datetime) -> bool:
        """Dates are whole days in UTC; the last one is in it."""
        if self.since is None and self.until is None:
            return True
        day = at.astimezone(UTC).date()
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)

    @property
    def ends(self) -> datetime | None:
        """The first instant at which it holds no longer."""
        return datetime.combine(self.until + DAY, time(), UTC) if self.until else None

"""One rule that is only observed: what it was asked, what it would have done, and what speaks against enforcing it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from gateway.policy.backtest import Line
from gateway.policy.period import Period
from gateway.policy.rule import Through
from gateway.words.program import Category

DAYS = 7  # a week has one of each day
NEVER_STOPPED = (Category.OTP, Category.TRANSACTIONAL, Category.EMERGENCY)  # people wait for these

_DOES = {"block": "block", "defer": "defer", "send": "rewrite"}  # what a finding's action comes to
_STRENGTH = {"send": 0, "rewrite": 0, "defer": 1, "block": 2}


@dataclass(frozen=True, slots=True)
class Would:
    """What a rule would have done with a message that fared better without it."""

    do: str  # block, defer or rewrite
    category: str
    program: str


@dataclass(slots=True)
class Asked:
    """How often a rule was asked under one set of policies."""

    count: int = 0
    observed: bool = False  # certainly: it found something, and nothing came of it
    period: Period = field(default_factory=Period)


@dataclass(slots=True)
class Watched:
    """Grows with categories, programs, saves of the policies, and opt-outs; not with the messages."""

    rule: str
    through: Through
    program: str = ""  # through which
    asked: dict[str, Asked] = field(default_factory=dict)  # by the revision of the policies
    found: Counter[Would] = field(default_factory=Counter)
    period: Period = field(default_factory=Period)  # of what it found
    left_later: set[int] = field(default_factory=set)  # recipients that it would have spared, who opted out

    def add(self, line: Line, at: datetime, action: str | None) -> str | None:
        """A message that it was asked about; `action` is what it found, if anything. What it would have done."""
        asked = self.asked.setdefault(line.clear["revision"], Asked())
        asked.count += 1
        asked.observed = asked.observed or action is not None
        asked.period.add(at)
        do = _does(action, line.clear["decision"]) if action else None
        if do:
            self.found[Would(do, line.clear["category"], line.clear["program"])] += 1
            self.period.add(at)
        return do

    def would(self, do: str) -> int:
        return sum(count for each, count in self.found.items() if each.do == do)

    def seen(self, current: str) -> tuple[int, int]:
        """Messages and days under revisions by which it was certainly observed, `current` among them."""
        known = [each for revision, each in self.asked.items() if each.observed or revision == current]
        whole = Period()
        for end in (end for each in known for end in (each.period.first, each.period.last) if end):
            whole.add(end)
        return sum(each.count for each in known), whole.days

    def against(self, seen: int, days: int, enough: int) -> Iterator[str]:
        """Why it should not be enforced yet."""
        if seen < enough:
            yield f"it was asked about {seen} messages of the {enough} that tell"
        if days < DAYS:
            yield f"it was observed for {days} of {DAYS} days"
        for category in NEVER_STOPPED:
            if stopped := self._stopped(category):
                yield f"{category} messages that it would have stopped: {stopped}"

    def told(self) -> dict[str, object]:
        """As JSON; nothing personal in it."""
        return {
            "rule": self.rule,
            "through": self.through,
            "program": self.program or None,
            "would": {do: self.would(do) for do in _DOES.values()},
            "by": [
                {"would": each.do, "category": each.category, "program": each.program, "count": count}
                for each, count in self.found.most_common()
            ],
            **self.period.told(),
            "opted_out_later": len(self.left_later),
        }

    def _stopped(self, category: Category) -> int:
        counts = (count for each, count in self.found.items() if each.category == category and each.do != "rewrite")
        return sum(counts)


def _does(action: str, decision: str) -> str | None:
    """What a finding would have come to; None where the message fared as badly without it."""
    do = _DOES[action]
    return do if decision in {"send", "rewrite"} or _STRENGTH[do] > _STRENGTH[decision] else None

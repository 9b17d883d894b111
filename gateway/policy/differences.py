"""What a backtest comes to: totals, and under them only what differs, by the rule that caused it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gateway.policy.backtest import Change, Difference, Unchanged, Unjudged
from gateway.policy.period import Period

EXAMPLES = 3  # messages that are named of each kind

_FREER = frozenset({Change.LOOSER, Change.REWORDED})


@dataclass(slots=True)
class Group:
    """Messages of one kind, which of them to look at, and from when to when they were."""

    count: int = 0
    examples: list[str] = field(default_factory=list)  # ids, of those that came first
    period: Period = field(default_factory=Period)

    def add(self, id_: str, at: datetime) -> None:
        self.period.add(at)
        self.count += 1
        if self.count <= EXAMPLES:
            self.examples.append(id_)

    def told(self, of: int) -> dict[str, object]:
        return {
            "count": self.count,
            "share": round(self.count / of, 4),
            "examples": self.examples,
            **self.period.told(),
        }


@dataclass(slots=True)
class Differences:
    """Grows with the rules, not with the messages."""

    replayed: int = 0
    same: int = 0
    otherwise: int = 0  # of the same ones, those that another rule is now the reason of
    different: dict[Difference, Group] = field(default_factory=dict)
    unjudged: dict[str, Group] = field(default_factory=dict)

    def add(self, found: Difference | Unchanged | Unjudged, id_: str, at: datetime) -> None:
        self.replayed += 1
        if isinstance(found, Unchanged):
            self.same += 1
            self.otherwise += found.otherwise
        elif isinstance(found, Unjudged):
            self.unjudged.setdefault(found.why, Group()).add(id_, at)
        else:
            self.different.setdefault(found, Group()).add(id_, at)

    @property
    def looser(self) -> int:
        """Messages that would have left, or left sooner, or with another text."""
        return sum(group.count for difference, group in self.different.items() if difference.change in _FREER)

    @property
    def verdict(self) -> str:
        doubt = _total(self.unjudged)
        unsaid = f"; of {doubt} nothing can be said" if doubt else ""
        if self.replayed == doubt:
            return f"nothing was judged{unsaid}"
        if self.looser:
            freer = f"{self.looser} of {self.replayed} messages would have left, or sooner, or with another text"
            return f"looser: {freer}{unsaid}"
        stricter = _total(self.different)
        if stricter:
            return f"nothing became looser; for {stricter} of {self.replayed} messages it became stricter{unsaid}"
        return f"nothing became looser or stricter for {self.replayed - doubt} messages{unsaid}"

    def told(self) -> dict[str, object]:
        """As JSON; nothing personal in it. What became looser comes first, what happened most often before the rest."""
        return {
            "replayed": self.replayed,
            "same": self.same,
            "for_another_reason": self.otherwise,
            "different": _total(self.different),
            "could_not_judge": _total(self.unjudged),
            "looser": self.looser,
            "differences": [self._difference(each) for each in sorted(self.different, key=self._place)],
            "unjudged": [
                {"why": why, **group.told(self.replayed)}
                for why, group in sorted(self.unjudged.items(), key=lambda item: (-item[1].count, item[0]))
            ],
            "verdict": self.verdict,
        }

    def _place(self, difference: Difference) -> tuple[bool, int, str, int, str]:
        """A rule's differences stand together."""
        ruled = {each: group for each, group in self.different.items() if each.rule == difference.rule}
        strict = all(each.change not in _FREER for each in ruled)
        return (strict, -_total(ruled), difference.rule, -self.different[difference].count, str(difference))

    def _difference(self, each: Difference) -> dict[str, object]:
        return {
            "rule": each.rule,
            "category": each.category,
            "from": each.then,
            "to": each.now,
            "change": str(each.change),
            **self.different[each].told(self.replayed),
        }


def _total(groups: Mapping[Difference, Group] | Mapping[str, Group]) -> int:
    return sum(group.count for group in groups.values())

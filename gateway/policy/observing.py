"""Rules that are only observed: what real messages say of each, and whether it is ready to be enforced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

from gateway.policy.backtest import Line, Programs, with_program
from gateway.policy.book import Book
from gateway.policy.decide import leaves_at
from gateway.policy.edits import Edits
from gateway.policy.rule import Rule, Through
from gateway.policy.scenario import Scenario, ScenarioWritten, scenario
from gateway.policy.watched import Watched
from gateway.words.message import Message
from gateway.yamlfile import BadFile, Document, parsed


@dataclass(frozen=True, slots=True)
class Ready:
    """Whether a rule may be enforced: nothing against it; and the edits that enforce it."""

    watched: Watched
    seen: int  # messages
    days: int
    against: tuple[str, ...]
    edits: tuple[str, ...]

    @property
    def verdict(self) -> str:
        return "not yet" if self.against else "ready to be enforced"

    def told(self) -> dict[str, object]:
        """As JSON; nothing personal in it."""
        return {
            **self.watched.told(),
            "seen": self.seen,
            "days": self.days,
            "verdict": self.verdict,
            "against": list(self.against),
            "edit": list(self.edits),
        }


class Observing:
    """Takes the record line by line. `opted_out`: when each recipient (by `hash`) last asked to be left alone."""

    def __init__(self, book: Book, programs: Programs, edits: Edits, opted_out: Mapping[int, datetime]) -> None:
        self._book = book
        self._programs = programs
        self._edits = edits
        self._opted_out = opted_out
        self._watched = {key: Watched(*key) for key in edits.rules()}

    def add(self, line: Line) -> None:
        """A message's line. One that this version can't read, or without facts, says nothing of any rule."""
        asked = _scenario(line)
        message = with_program(asked.message, self._programs) if asked else None
        if asked and message and asked.facts.known:
            self._ask(line, message, asked.at)

    def ready(self, enough: int) -> list[Ready]:
        """Each rule that is only observed. `enough`: messages that it must have been asked about."""
        watched = sorted(self._watched.values(), key=attrgetter("rule", "through", "program"))
        found = [self._judged(each, enough) for each in watched]
        return [_with_others(each, found) for each in found]

    def _ask(self, line: Line, message: Message, now: datetime) -> None:
        found = {each["rule"]: each["action"] for each in line.clear["findings"] if each["observed"]}
        at = leaves_at(message, now)
        for rule in self._book.binding(message):
            through = rule.through(message, at) if rule.scope.in_force(at) else None
            if through:
                watched = self._of(rule, through, message)
                does = watched.add(line, now, found.get(rule.id))
                if does in {"block", "defer"} and line.clear["fate"] == "sent":
                    self._note_opt_out(watched, message, now)

    def _of(self, rule: Rule, through: Through, message: Message) -> Watched:
        key = (rule.id, through, message.program.name if through is Through.PROGRAM else "")
        return self._watched.setdefault(key, Watched(*key))

    def _note_opt_out(self, watched: Watched, message: Message, now: datetime) -> None:
        """Whoever got what would have been held back, and asked to be left alone afterwards."""
        recipient = hash(message.recipient.e164) if message.recipient else 0
        later = self._opted_out.get(recipient)
        if later and later > now:
            watched.left_later.add(recipient)

    def _judged(self, watched: Watched, enough: int) -> Ready:
        seen, days = watched.seen(self._book.revision)
        edits = self._edits.of(watched.rule, watched.through, watched.program)
        return Ready(watched, seen, days, tuple(watched.against(seen, days, enough)), edits)


def _scenario(line: Line) -> Scenario | None:
    """None where it was recorded by another version."""
    try:
        return scenario(parsed(Document("the record", line.private.get("scenario")), ScenarioWritten))
    except BadFile:
        return None


def _with_others(ready: Ready, all_: Sequence[Ready]) -> Ready:
    """What one edit enforces together must be ready together."""
    together = [each for each in all_ if set(each.edits) & set(ready.edits)]
    others = dict.fromkeys(each.watched.rule for each in together if each.against)
    if not others or ready.against:
        return ready
    return replace(ready, against=(f"the same edit would enforce {', '.join(others)}, not ready yet",))

"""What changed policies would have decided of a recorded message, with the facts as they were known then.

Each message is judged by itself: what a changed rule lets through is not counted against the messages after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from gateway.policy.book import Book
from gateway.policy.decide import decide, leaves_at
from gateway.policy.rewrite import rewritten
from gateway.policy.rules import Cap, Listed
from gateway.policy.scenario import LookedUpSaid, ScenarioWritten, scenario
from gateway.words.decision import Action, Decision
from gateway.words.facts import Facts
from gateway.words.link import sampled
from gateway.words.message import Message
from gateway.words.program import DEFAULT_PROGRAM, Program
from gateway.yamlfile import BadFile, Document, parsed

_STORE = "gateway/store"  # what the gate holds back when a reservation fails is no rule's doing


class Line(Protocol):
    """A message's line of the record: what stands in clear, and what was sealed."""

    @property
    def clear(self) -> Mapping[str, Any]: ...

    @property
    def private(self) -> Mapping[str, Any]: ...


class Programs(Protocol):
    """A site's programs by name."""

    def get(self, name: str, /) -> Program | None: ...


class Change(StrEnum):
    """How a message would have fared, against how it fared."""

    SAME = "same"
    STRICTER = "stricter"
    LOOSER = "looser"
    REWORDED = "reworded"  # which of two texts is the stricter can't be told: it counts as looser


@dataclass(frozen=True, slots=True)
class Judged:
    """One decision, as it was recorded or as it would be."""

    word: str
    rule: str | None  # that decides
    not_before: datetime | None
    counted: tuple[tuple[str, str], ...]  # rule and action of each finding that is not only observed
    text: str | None  # as it left, or would; None: it didn't, or the text is not known here

    def resting(self) -> tuple[str, ...]:
        """The rules that say what was done."""
        action = "send" if self.word == "rewrite" else self.word
        return tuple(rule for rule, done in self.counted if done == action)


@dataclass(frozen=True, slots=True)
class Difference:
    """In what two decisions of one message differ, and by which rule."""

    change: Change
    rule: str
    category: str
    then: str
    now: str


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The same outcome; `otherwise` where another rule is the reason."""

    otherwise: bool


@dataclass(frozen=True, slots=True)
class Unjudged:
    """It can't be told. `why` holds no number and no text, and takes few different forms."""

    why: str


def compared(line: Line, book: Book, programs: Programs) -> Difference | Unchanged | Unjudged:
    """What `book` would have decided of a recorded message, against what was decided. Never raises."""
    if line.clear["rule"] == _STORE:
        return Unjudged("held back since the store failed, not by a rule")
    if "scenario" not in line.private:
        return Unjudged("recorded before facts were kept with a decision")
    try:
        written = parsed(Document("the record", line.private["scenario"]), ScenarioWritten)
    except BadFile:
        return Unjudged("recorded in a form that this version can't read")
    asked = scenario(written)
    if not asked.facts.known:
        return Unjudged("what was remembered of the recipient could not be read then")
    message = with_program(asked.message, programs)
    if message is None:
        return Unjudged(f"program `{asked.message.program.name}` is in the configuration no more")
    decision = decide(message, asked.facts, book, asked.at)
    asking = _asking(message, asked.facts, written.looked_up, book, leaves_at(message, asked.at))
    if asking and decision.action is not Action.BLOCK:  # a block is one, whatever else is known
        return Unjudged(f"`{asking}` asks for what was not looked up then")
    return _compared(_then(line, message.program.links), _now(message, decision), str(message.category))


def with_program(message: Message, programs: Programs) -> Message | None:
    """The message with its program as the site has it now; None where it has none of that name."""
    name = message.program.name
    program = programs.get(name) or (DEFAULT_PROGRAM if name == DEFAULT_PROGRAM.name else None)
    return replace(message, program=program) if program else None


def _asking(message: Message, facts: Facts, looked_up: LookedUpSaid, book: Book, at: datetime) -> str | None:
    """The first rule that counts and would need to know more than was looked up."""
    for rule in book.binding(message):
        if not rule.scope.in_force(at) or not rule.enforced(message, facts, at):
            continue
        if isinstance(rule.kind, Listed) and not set(rule.kind.names) <= set(looked_up.lists):
            return rule.id
        if isinstance(rule.kind, Cap) and not _is_counted(rule.kind, message, looked_up, at):
            return rule.id
    return None


def _is_counted(cap: Cap, message: Message, looked_up: LookedUpSaid, at: datetime) -> bool:
    """Whether its counter was looked at, and as far back: older claims may have been forgotten."""
    spans = looked_up.counters.get(cap.counter(message), ())
    since = [replace(cap, period=span).limit(message, at).since for span in spans]
    return bool(since) and min(since) <= cap.limit(message, at).since


def _then(line: Line, links: str) -> Judged:
    clear, left = line.clear, line.private.get("left")
    counted = ((each["rule"], each["action"]) for each in clear["findings"] if not each["observed"])
    not_before = datetime.fromisoformat(clear["not_before"]) if clear["not_before"] else None
    return Judged(clear["decision"], clear["rule"], not_before, tuple(counted), left and sampled(left, links))


def _now(message: Message, decision: Decision) -> Judged:
    counted = ((each.rule, each.action.name.lower()) for each in decision.findings if not each.observed)
    leaves = message.text is not None and decision.action is Action.SEND
    text = rewritten(message.text or "", decision.edits) if leaves else None
    deciding = decision.deciding
    return Judged(decision.word, deciding.rule if deciding else None, decision.not_before, tuple(counted), text)


def _compared(then: Judged, now: Judged, category: str) -> Difference | Unchanged:
    change = _change(then, now)
    if change is Change.SAME:
        return Unchanged(then.rule != now.rule)
    stronger, weaker = (then, now) if change is Change.LOOSER else (now, then)
    return Difference(change, _cause(stronger, weaker), category, then.word, now.word)


_STRENGTH = {word: strength for strength, word in enumerate(("send", "rewrite", "defer", "block"))}


def _change(then: Judged, now: Judged) -> Change:
    if then.word != now.word:
        return Change.STRICTER if _STRENGTH[now.word] > _STRENGTH[then.word] else Change.LOOSER
    if then.not_before and now.not_before and then.not_before != now.not_before:
        return Change.STRICTER if now.not_before > then.not_before else Change.LOOSER
    return Change.SAME if then.text == now.text else Change.REWORDED


def _cause(stronger: Judged, weaker: Judged) -> str:
    """The rule that only one of them rests on; where both rest on the same ones, the first."""
    return next(_only(stronger, weaker), None) or next(_only(weaker, stronger), None) or stronger.rule or "no rule"


def _only(one: Judged, other: Judged) -> Iterator[str]:
    return (rule for rule in one.resting() if rule not in other.resting())

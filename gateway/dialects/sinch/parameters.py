"""`${name}` in the text of a Sinch batch: a value for each recipient, or one for all others.

What Sinch makes of a name that has no value is not documented: such a batch is refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gateway.dialects.json_posts import Fields
from gateway.dialects.texts import common_text
from gateway.words.errors import TextsDiffer, Unreadable

_OPENING = "${"
_MARK = re.compile(r"\$\{([A-Za-z0-9._-]+)\}")
_OTHERS = "default"

Values = Mapping[str, str]  # by number, without its plus


@dataclass(frozen=True, slots=True)
class Parameters:
    """Values by the name of what they replace. Without any, a `${` is text like any other."""

    values: Mapping[str, Values]

    @classmethod
    def of(cls, fields: Fields) -> Parameters:
        """Raises Unreadable where a value is no text, or may be replaced in turn."""
        given = fields.inside("parameters")
        return cls({name: _values(given.inside(name)) for name in given.members} if given else {})

    def filled(self, text: str, to: str) -> str:
        """The text that this recipient gets. Raises Unreadable where it is not certain."""
        if not self.values:
            return text
        filled = _MARK.sub(lambda mark: self._value(mark[1], to), text)
        if _OPENING in filled:
            raise Unreadable("the text names a parameter in a way that is not understood", field="parameters")
        return filled

    def _value(self, name: str, to: str) -> str:
        values = self.values.get(name, {})
        value = values.get(to.removeprefix("+"), values.get(_OTHERS))
        if value is None:
            raise Unreadable("a parameter in the text has no value for each recipient, and no default", field=name)
        return value


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The text of a batch as it leaves."""

    text: str
    literal: bool = False  # nothing in it is to be replaced


def rewritten(text: str, pairs: Collection[tuple[str, str]]) -> Rewritten:
    """The text of a batch with parameters, where recipients who would get an old text are to get a new one.

    What stands before and behind their own goes before and behind the batch's. Raises Unreadable where no one text can
    stand for all of them.
    """
    around = [_around(old, new) for old, new in pairs]
    if all(around):
        before, behind = (common_text([each[side] for each in around if each]) for side in (0, 1))
        changed = Rewritten(before + text + behind)
        added = before + behind
    else:
        added = _the_one({new for _, new in pairs})
        changed = Rewritten(added, literal=True)
    if _OPENING in added:
        raise Unreadable("the new text can't stand beside parameters: it holds a ${ of its own")
    return changed


def _values(given: Fields | None) -> Values:
    values = {} if given is None else {name.removeprefix("+"): given.text(name) for name in given.members}
    if given is None or len(values) < len(given.members) or any(_OPENING in (value or "") for value in values.values()):
        raise Unreadable("parameters need one plain text for each number", field="parameters")
    return {number: value for number, value in values.items() if value is not None}


def _around(old: str, new: str) -> tuple[str, str] | None:
    """What stands before and behind an old text in a new one; None where it is not in it."""
    if new.startswith(old):
        return "", new[len(old) :]
    if new.endswith(old):
        return new[: -len(old)], ""
    before, found, behind = new.partition(old)
    return (before, behind) if found else None


def _the_one(texts: Collection[str]) -> str:
    if len(texts) > 1:
        raise TextsDiffer("the recipients of this batch need different texts; send to each of them in its own request")
    return next(iter(texts))

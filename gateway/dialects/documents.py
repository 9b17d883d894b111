"""A JSON body in which one string can be changed, and an element taken out, while every other byte stays as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from gateway.words.errors import Unreadable

DEEPEST = 40  # arrays and objects inside each other
MOST_VALUES = 200_000

_SPACE = re.compile(r"[ \t\r\n]*")
_BLANKS = " \t\r\n"
_NAME = re.compile(r'"((?:[^"\\\x00-\x1f]++|\\.)*+)"[ \t\r\n]*+:[ \t\r\n]*+')  # all of it in one go, as nearly always
_NEXT = re.compile(r"[ \t\r\n]*+([,}\]])[ \t\r\n]*+")
_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]++|\\.)*+"')


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A value and where it stands in the document's text. A number, true, false or null is None here: see its span."""

    value: str | list[Node] | dict[str, Node] | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Change:
    """What stands from `start` to `end` becomes `text`."""

    start: int
    end: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """Strict JSON (RFC 8259) in UTF-8, with the place of every value."""

    text: str
    root: Node

    @classmethod
    def read(cls, body: bytes) -> Document:
        """Raises Unreadable for what is not JSON, for a key given twice, and for more after its end."""
        try:
            text = body.decode()
        except UnicodeDecodeError:
            raise Unreadable("the body is not valid UTF-8; send JSON in UTF-8") from None
        if text.count(",") > MOST_VALUES:
            raise Unreadable(f"the JSON holds more than {MOST_VALUES} values")
        root = _read(text, _skip(text, 0), 0)
        if _skip(text, root.end) != len(text):
            raise _broken(root.end, "the end, but more follows")
        return cls(text, root)

    def spelling(self, node: Node) -> str:
        """The value as it is spelled: a number's own digits."""
        return self.text[node.start : node.end]

    def quoted(self, value: str) -> str:
        """A string in the client's own style: escapes or raw UTF-8, `/` or `\\/`."""
        quoted = json.dumps(value, ensure_ascii=self.text.isascii())
        return quoted.replace("/", "\\/") if "\\/" in self.text else quoted

    def changed(self, node: Node, value: str) -> Change:
        """A string's new value; what it keeps of its beginning keeps its very bytes."""
        old = node.value
        if isinstance(old, str) and value.startswith(old):
            end = node.end - 1
            return Change(end, end, self.quoted(value[len(old) :])[1:-1])
        return Change(node.start, node.end, self.quoted(value))

    def added(self, parent: Node, key: str, value: str) -> Change:
        """A new member at the end of an object; `value` is JSON."""
        comma = ", " if parent.value else ""
        return Change(parent.end - 1, parent.end - 1, f"{comma}{self.quoted(key)}: {value}")

    def without(self, array: Node, gone: Collection[int]) -> Iterator[Change]:
        """An array without some of its elements, but never without all of them."""
        elements = array.value if isinstance(array.value, list) else []
        kept = False
        for place, element in enumerate(elements):
            if place not in gone:
                kept = True
            elif kept:
                yield Change(elements[place - 1].end, element.end)
            else:
                yield Change(element.start, elements[place + 1].start)

    def with_changes(self, changes: Iterable[Change]) -> bytes:
        """The document with changes that do not overlap."""
        return self._changed(0, len(self.text), changes).encode()

    def spelled(self, node: Node, changes: Iterable[Change]) -> str:
        """The value with changes inside of it that do not overlap."""
        return self._changed(node.start, node.end, changes)

    def _changed(self, start: int, end: int, changes: Iterable[Change]) -> str:
        pieces, at = list[str](), start
        for change in sorted(changes, key=lambda change: change.start):
            pieces += self.text[at : change.start], change.text
            at = change.end
        return "".join((*pieces, self.text[at:end]))


def _read(text: str, at: int, depth: int) -> Node:
    if depth > DEEPEST:
        raise Unreadable(f"the JSON is nested deeper than {DEEPEST}")
    mark = text[at : at + 1]
    if mark == "{":
        return _object(text, at, depth)
    if mark == "[":
        return _array(text, at, depth)
    if mark == '"':
        return _string(text, at)
    if plain := _PLAIN.match(text, at):
        return Node(None, at, plain.end())
    raise _broken(at, "a value")


def _string(text: str, at: int) -> Node:
    match = _STRING.match(text, at)
    if match is None:
        raise _broken(at, "a string in double quotes")
    if "\\" not in match[0]:
        return Node(match[0][1:-1], at, match.end())
    try:
        value = json.loads(match[0])
        value.encode()
    except ValueError:  # a bad escape, or half of a surrogate pair
        raise _broken(at, "a string without broken escapes") from None
    return Node(value, at, match.end())


def _object(text: str, start: int, depth: int) -> Node:
    members: dict[str, Node] = {}
    at = _skip(text, start + 1)
    ended = text[at : at + 1] == "}"
    end = at + 1
    while not ended:
        name, at = _name(text, at)
        if name in members:
            raise Unreadable("a key is given twice in one JSON object; give it once", field=name)
        member = members[name] = _read(text, at, depth + 1)
        ended, at, end = _after(text, member.end, "}")
    return Node(members, start, end)


def _array(text: str, start: int, depth: int) -> Node:
    elements: list[Node] = []
    at = _skip(text, start + 1)
    ended = text[at : at + 1] == "]"
    end = at + 1
    while not ended:
        element = _read(text, at, depth + 1)
        elements.append(element)
        ended, at, end = _after(text, element.end, "]")
    return Node(elements, start, end)


def _name(text: str, at: int) -> tuple[str, int]:
    """A member's key, and where its value begins."""
    found = _NAME.match(text, at)
    if found and "\\" not in found[1]:
        return found[1], found.end()
    key = _string(text, at)
    assert isinstance(key.value, str)  # noqa: S101
    return key.value, _skip(text, _expected(text, _skip(text, key.end), ":"))


def _after(text: str, at: int, last: str) -> tuple[bool, int, int]:
    """Whether what holds this value ends with it; where the next one begins; where the comma or the last mark ends."""
    found = _NEXT.match(text, at)
    if found is None or found[1] not in {",", last}:
        raise _broken(_skip(text, at), "`,`")
    return found[1] == last, found.end(), found.end(1)


def _skip(text: str, at: int) -> int:
    if text[at : at + 1] not in _BLANKS:
        return at
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _expected(text: str, at: int, mark: str) -> int:
    if text[at : at + 1] != mark:
        raise _broken(at, f"`{mark}`")
    return at + 1


def _broken(at: int, expected: str) -> Unreadable:
    return Unreadable(f"the body is not JSON: at character {at + 1}, {expected} was expected")

"""YAML that remembers line and column.

Scalars are read as YAML 1.2 means them: `NO` is Norway and no "false", `08:00` a time and no number, `off` a word,
`+12125550100` a phone number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.reader import ReaderError

from gateway.words.errors import GatewayError
from gateway.yamlfile.nodes import nodes

LARGEST = 1 << 20  # bytes of a file
MOST_NODES = 50_000  # values in it, so that no file of a few lines can unfold into gigabytes

Place = tuple[int, int]  # line and column, from 1
Way = tuple[str | int, ...]  # keys and indexes that lead to a value

_PLAIN = (
    (re.compile(r"true|True|TRUE"), lambda _: True),
    (re.compile(r"false|False|FALSE"), lambda _: False),
    (re.compile(r"null|Null|NULL|~|"), lambda _: None),
    (re.compile(r"-?(?:0|[1-9][0-9]{0,18})"), int),
    (re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+"), float),
)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong in a file, at a place."""

    path: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


class BadFile(GatewayError):
    """A file can't be used. What was in force stays in force."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(slots=True)
class Document:
    """A file's values, and where each key and value stands."""

    path: str
    value: Any = None
    keys: dict[Way, Place] = field(default_factory=dict)
    values: dict[Way, Place] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path, named: str = "") -> Document:
        """Raises BadFile."""
        shown = named or str(path)
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise BadFile([Problem(shown, 1, 1, f"can't be read: {error.strerror}")]) from error
        return cls.read(raw, shown)

    @classmethod
    def read(cls, raw: bytes, path: str) -> Document:
        """Raises BadFile."""
        if len(raw) > LARGEST:
            raise BadFile([Problem(path, 1, 1, f"is larger than {LARGEST >> 10} KiB; split it")])
        document = cls(path)
        document.value = _Reader(document).read(_text(raw, path))
        return document

    def problem(self, where: Sequence[str | int], message: str, *, at_key: bool = False) -> Problem:
        """Wrong at the value (or key) that `where` leads to; what is not in the file stands at what holds it."""
        way = self.way(where)
        place = (self.keys.get(way) if at_key else None) or self.values.get(way, (1, 1))
        return Problem(self.path, *place, message)

    def way(self, where: Sequence[str | int]) -> Way:
        """The longest way that is in the file. Steps that name no key (a model's own) are passed over."""
        way: Way = ()
        for step in where:
            if (*way, step) in self.values:
                way = (*way, step)
        return way


def _text(raw: bytes, path: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _place(raw[: error.start].decode("utf-8", "replace"))
        raise BadFile([Problem(path, *place, "is not UTF-8 here; save the file as UTF-8")]) from None


def _place(before: str) -> Place:
    return before.count("\n") + 1, len(before) - before.rfind("\n")


class _Reader:
    """Reads text into a document. Refuses what people don't mean: keys given twice, anchors that multiply."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._nodes = 0

    def read(self, text: str) -> Any:
        try:
            node = nodes(text)
            return None if node is None else self._value(node, ())
        except RecursionError:  # also an anchor that holds itself
            raise self._bad(1, 1, "is nested too deeply") from None
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            raise self._bad(line, column, _said(error)) from None
        except ReaderError as error:
            raise self._bad(*_place(text[: error.position]), "is a character that no text has") from None

    def _bad(self, line: int, column: int, message: str) -> BadFile:
        return BadFile([Problem(self._document.path, line, column, message)])

    def _value(self, node: yaml.Node, way: Way) -> Any:
        place = (node.start_mark.line + 1, node.start_mark.column + 1)
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise self._bad(*place, f"more than {MOST_NODES} values; split the file, and use no anchors")
        self._document.values[way] = place
        if isinstance(node, yaml.MappingNode):
            return dict(self._pairs(node, way))
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*way, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode), "there are three kinds of nodes"  # noqa: S101
        return _scalar(node)

    def _pairs(self, node: yaml.MappingNode, way: Way) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for key, value in node.value:
            place = (key.start_mark.line + 1, key.start_mark.column + 1)
            if not isinstance(key, yaml.ScalarNode):
                raise self._bad(*place, "a key must be a word")
            name = key.value
            if name in seen:
                raise self._bad(*place, f"`{name}` is given twice; keep one")
            seen.add(name)
            self._document.keys[*way, name] = place
            yield name, self._value(value, (*way, name))


def _said(error: yaml.MarkedYAMLError) -> str:
    if "'\\t'" in (error.problem or ""):
        return "is a tab; YAML is indented with spaces"
    what, named, _ = (error.problem or error.context or "").partition(" '")
    if named and what.endswith(_NAMES):  # the name is not repeated: a secret may begin so
        return f"this is no YAML: {what}; put text that begins with *, & or ! in quotes"
    return f"this is no YAML: {error.problem or error.context}"


_NAMES = ("alias", "tag handle")  # as PyYAML speaks of what it does not know


def _scalar(node: yaml.ScalarNode) -> Any:
    if node.style:  # quoted, or a block: text as it stands
        return node.value
    for form, meant in _PLAIN:
        if form.fullmatch(node.value):
            return meant(node.value)
    return node.value

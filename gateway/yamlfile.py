"""YAML that remembers line and column, and what is wrong there, said to people.

Scalars are read as YAML 1.2 means them: `NO` is Norway and no "false", `08:00` a time and no number, `off` a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from gateway.words.errors import GatewayError

LARGEST = 1 << 20  # bytes of a file
MOST_NODES = 50_000  # values in it, so that no file of a few lines can unfold into gigabytes

Place = tuple[int, int]  # line and column, from 1
Path_ = tuple[str | int, ...]  # keys and indexes on the way to a value
Model = TypeVar("Model", bound=BaseModel)

_PLAIN = (
    (re.compile(r"true|True|TRUE"), lambda _: True),
    (re.compile(r"false|False|FALSE"), lambda _: False),
    (re.compile(r"null|Null|NULL|~|"), lambda _: None),
    (re.compile(r"[-+]?(?:0|[1-9][0-9]{0,18})"), int),
    (re.compile(r"[-+]?[0-9]+\.[0-9]+"), float),
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
    keys: dict[Path_, Place] = field(default_factory=dict)
    values: dict[Path_, Place] = field(default_factory=dict)

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
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = raw[: error.start]
            line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
            raise BadFile([Problem(path, line, column, "is not UTF-8 here; save the file as UTF-8")]) from None
        document = cls(path)
        document.value = _Reader(document).read(text)
        return document

    def problem(self, where: Sequence[str | int], message: str, *, at_key: bool = False) -> Problem:
        """Wrong at the value (or key) that `where` leads to; what is not in the file stands at what holds it."""
        path = self._existing(where)
        place = (self.keys.get(path) if at_key else None) or self.values.get(path, (1, 1))
        return Problem(self.path, *place, message)

    def _existing(self, where: Sequence[str | int]) -> Path_:
        """The longest way that is in the file. Steps that name no key (a model's own) are passed over."""
        path: Path_ = ()
        for step in where:
            if (*path, step) in self.values:
                path = (*path, step)
        return path


class _Reader:
    """Reads text into a document. Refuses what people don't mean: keys given twice, anchors that multiply."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._nodes = 0

    def read(self, text: str) -> Any:
        try:
            node = yaml.compose(text, yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            raise self._bad(line, column, f"this is no YAML: {error.problem or error.context}") from None
        except yaml.YAMLError as error:
            raise self._bad(1, 1, f"this is no YAML: {str(error).splitlines()[0]}") from None
        return None if node is None else self._value(node, ())

    def _bad(self, line: int, column: int, message: str) -> BadFile:
        return BadFile([Problem(self._document.path, line, column, message)])

    def _value(self, node: yaml.Node, path: Path_) -> Any:
        place = (node.start_mark.line + 1, node.start_mark.column + 1)
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise self._bad(*place, f"more than {MOST_NODES} values; split the file, and use no anchors")
        self._document.values[path] = place
        if isinstance(node, yaml.MappingNode):
            return dict(self._pairs(node, path))
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode), "there are three kinds of nodes"  # noqa: S101
        return _scalar(node)

    def _pairs(self, node: yaml.MappingNode, path: Path_) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for key, value in node.value:
            place = (key.start_mark.line + 1, key.start_mark.column + 1)
            if not isinstance(key, yaml.ScalarNode):
                raise self._bad(*place, "a key must be a word")
            name = key.value
            if name in seen:
                raise self._bad(*place, f"`{name}` is given twice; keep one")
            seen.add(name)
            self._document.keys[*path, name] = place
            yield name, self._value(value, (*path, name))


def _scalar(node: yaml.ScalarNode) -> Any:
    if node.style is not None:  # quoted, or a block: text as it stands
        return node.value
    for form, meant in _PLAIN:
        if form.fullmatch(node.value):
            return meant(node.value)
    return node.value


def parsed(document: Document, model: type[Model]) -> Model:
    """The document as that model. Raises BadFile with everything that is wrong with it."""
    try:
        return model.model_validate(document.value if document.value is not None else {})
    except ValidationError as error:
        raise BadFile([_problem(document, model, each) for each in error.errors()]) from None


def _problem(document: Document, model: type[BaseModel], error: Any) -> Problem:
    where, kind = error["loc"], error["type"]
    name = str(where[-1]) if where else ""
    if kind == "extra_forbidden":
        return document.problem(where, _unknown(name, _known_keys(model, where[:-1])), at_key=True)
    if kind == "missing":
        return document.problem(where[:-1], f"`{name}` is missing")
    message = error["msg"].removeprefix("Value error, ")
    given = error["input"]
    shown = f"`{given}`: " if isinstance(given, str | int | float) and len(str(given)) <= SHOWN else ""
    return document.problem(where, f"{shown}{message[:1].lower()}{message[1:]}{_nearest(error)}")


SHOWN = 60  # characters of a value that is quoted


def _unknown(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1)
    if near:
        return f"unknown key `{name}`; did you mean `{near[0]}`?"
    return f"unknown key `{name}`; known here: {', '.join(sorted(known))}" if known else f"unknown key `{name}`"


def _nearest(error: Any) -> str:
    """For a value out of a fixed set: the one that was probably meant."""
    if error["type"] not in {"enum", "literal_error"}:
        return ""
    allowed = re.findall(r"'([^']+)'", error.get("ctx", {}).get("expected", ""))
    near = get_close_matches(str(error["input"]), allowed, n=1)
    return f"; did you mean `{near[0]}`?" if near else ""


def _known_keys(model: type[BaseModel], where: Sequence[str | int]) -> list[str]:
    """The keys that the model takes at that place."""
    found: type[BaseModel] | None = model
    for step in where:
        if isinstance(step, str) and found:
            found = next((_model_in(each.annotation) for key, each in _fields(found) if key == step), found)
    return [key for key, _ in _fields(found)] if found else []


def _fields(model: type[BaseModel]) -> list[tuple[str, Any]]:
    return [(each.alias or name, each) for name, each in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that an annotation like `list[Model] | None` holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in getattr(annotation, "__args__", ()) if (found := _model_in(each))), None)

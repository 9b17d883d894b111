"""Sends that are one JSON object, posted: read so that no carrier can read them in another way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from gateway.dialects.documents import Change, Document, Node
from gateway.dialects.forms import WORTH_REMEMBERING, Form
from gateway.dialects.heads import as_it_is, content_type, watched
from gateway.dialects.methods import METHOD
from gateway.dialects.texts import common_text
from gateway.words.errors import Unreadable
from gateway.words.message import Draft
from gateway.words.wire import Request

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON object by its members; null is no member.

    Every method raises Unreadable for a member of another type, and for one whose name is spelled in another case:
    some servers do not look at that.
    """

    document: Document
    node: Node
    spellings: Mapping[str, str]  # of the names, by what they are in lower case; empty where two are the same

    @staticmethod
    def read(body: bytes) -> Fields:
        """A send is read, and a moment later written: what is small is not parsed twice."""
        return _read_lately(body) if len(body) <= WORTH_REMEMBERING else _read(body)

    @classmethod
    def of(cls, document: Document, node: Node, name: str) -> Fields:
        if not isinstance(node.value, dict):
            raise Unreadable(f"{name} must be a JSON object", field=name)
        spellings: dict[str, str] = {}
        for key in node.value:
            folded = key.strip().lower()
            spellings[folded] = "" if folded in spellings else key
        return cls(document, node, spellings)

    @property
    def members(self) -> dict[str, Node]:
        assert isinstance(self.node.value, dict)  # noqa: S101
        return self.node.value

    def get(self, name: str) -> Node | None:
        if self.spellings.get(name.lower(), name) != name:
            raise Unreadable(f"the key `{name}` is spelled in another way; write `{name}`", field=name)
        node = self.members.get(name)
        return None if node is None or self.document.spelling(node) == "null" else node

    def text(self, name: str) -> str | None:
        node = self.get(name)
        if node is None or isinstance(node.value, str):
            return None if node is None else str(node.value)
        raise Unreadable(f"{name} must be a string", field=name)

    def scalar(self, name: str) -> str:
        """A string, or a number's own digits; empty where there is none."""
        node = self.get(name)
        return "" if node is None else scalar_of(self.document, node, name)

    def needed(self, name: str) -> str:
        """The same, where something must be there."""
        value = self.scalar(name)
        if not value.strip():
            raise Unreadable(f"`{name}` is missing or empty", field=name)
        return value

    def elements(self, name: str) -> list[Node]:
        """Of a list; empty where there is none."""
        node = self.get(name)
        if node is None or isinstance(node.value, list):
            return [] if node is None else list(node.value or ())  # type: ignore[arg-type]
        raise Unreadable(f"{name} must be a JSON array", field=name)

    def inside(self, name: str) -> Fields | None:
        """The members of an object."""
        node = self.get(name)
        return None if node is None else Fields.of(self.document, node, name)

    def with_text(self, name: str, value: str) -> Change:
        """The string's new value; at the end of the object where there is none yet."""
        node = self.get(name)
        if node is None:
            return self.put(name, self.document.quoted(value))
        return self.document.changed(node, value)

    def put(self, name: str, json: str) -> Change:
        """Any value, as JSON. A null that stands there is written over."""
        old = self.members.get(name)
        return Change(old.start, old.end, json) if old else self.document.added(self.node, name, json)

    def without(self, name: str) -> Change:
        """Without one of several members."""
        names = list(self.members)
        place = names.index(name)
        end = self.members[name].end
        if place:
            return Change(self.members[names[place - 1]].end, end)
        return Change(self.node.start + 1, self.document.text.index(",", end) + 1)


def _read(body: bytes) -> Fields:
    document = Document.read(body)
    return Fields.of(document, document.root, "the body")


_read_lately = lru_cache(maxsize=64)(_read)


def scalar_of(document: Document, node: Node, name: str) -> str:
    """A string, or a number's own digits. Raises Unreadable for anything else."""
    if isinstance(node.value, str):
        return node.value
    spelling = document.spelling(node)
    if isinstance(node.value, list | dict) or not spelling[-1].isdigit():
        raise Unreadable(f"{name} must be a string or a number", field=name)
    return spelling


def opened(request: Request, making: frozenset[bytes], method: bytes = b"POST", kind: str = JSON) -> Fields:
    """The object that was posted. `making`: folded names that make a message, which must stand in the body only.
    `kind`: what the carrier calls its JSON.

    Raises Unreadable where the request could be read in another way.
    """
    if request.method != method:
        raise Unreadable(f"this is sent by {method.decode()}; use no other method")
    if request.query and (name := Form.read(request.query).holding(making | METHOD)):
        raise Unreadable(f"`{name}` stands in the query; put all fields into the body", field=name)
    needs_json(request, kind)
    return Fields.read(request.body)


def needs_json(request: Request, json: str = JSON) -> None:
    """Raises Unreadable where the head doesn't say that the body is JSON in UTF-8, as it is."""
    found = watched(request.headers)
    as_it_is(found)
    kind, charset = content_type(found.get(b"content-type", b""))
    if kind != json or charset not in {"", "utf-8", "utf8"}:
        raise Unreadable(f"the body must be {json} in UTF-8, and say so", field="Content-Type")


def text_for_all(drafts: Sequence[Draft], texts: Mapping[int, str | None]) -> str | None:
    """The new text of recipients who share one; None where the old one stays. Raises Unreadable as common_text does."""
    old = drafts[0].text
    if old is None:
        return None
    new = common_text([old if text is None else text for text in texts.values()])
    return None if new == old else new

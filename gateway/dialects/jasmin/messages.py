"""One Jasmin message as a JSON object: names with dashes, or with underscores where its REST API takes both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.dialects.documents import Change
from gateway.dialects.jasmin.content import Content
from gateway.dialects.json_posts import Fields
from gateway.words.errors import Unreadable


@dataclass(frozen=True, slots=True)
class JsonMessage:
    """`beneath`: what holds for it where it says nothing itself; None: nothing does."""

    fields: Fields
    beneath: JsonMessage | None = None

    def spelled(self, name: str) -> str:
        """The name as it is spelled here: with dashes where it is not there. Raises Unreadable where it is there in
        both ways, of which Jasmin takes either."""
        ways = [way for way in dict.fromkeys((name, name.replace("-", "_"))) if self.fields.get(way)]
        if len(ways) > 1:
            raise Unreadable(f"`{name}` is given twice; give it once", field=name)
        return ways[0] if ways else name

    def holder(self, name: str) -> JsonMessage | None:
        """Which of the two says it."""
        if self.fields.get(self.spelled(name)):
            return self
        return self.beneath.holder(name) if self.beneath else None

    def scalar(self, name: str) -> str:
        """Empty where there is none."""
        holder = self.holder(name)
        return holder.fields.scalar(holder.spelled(name)) if holder else ""

    def content(self) -> Content:
        holder = self.holder("content")
        plain = holder.fields.text("content") if holder else None
        hexed = self.scalar("hex-content") if self.holder("hex-content") else None
        return Content(None if plain is None else plain.encode(), hexed, self.scalar("coding"))

    def saying(self, new: Content, hex_name: str) -> Iterator[Change]:
        """With another content. Raises Unreadable where the old one holds for others as well, and can't stay."""
        if new.plain is not None:
            yield self.fields.with_text("content", new.plain.decode())
        else:
            yield from self._hexed(new, hex_name)

    def _hexed(self, new: Content, hex_name: str) -> Iterator[Change]:
        plain = self.holder("content")
        if plain is not None and plain is not self:
            why = "the text must go as hex, and its `content` stands in `globals`; write it into each message"
            raise Unreadable(why, field="globals")
        if plain:
            yield self.fields.without("content")
        yield self.fields.with_text(self.spelled("hex-content") if not plain else hex_name, new.hexed or "")
        if new.coding != self.scalar("coding"):
            yield self.fields.put("coding", new.coding)

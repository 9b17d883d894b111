"""Messages in JSON, by paths such as `messages[].destinations[].to`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.dialects.documents import Change, Document, Node
from gateway.dialects.layouts import Flag, leaves_gsm, needed_text
from gateway.dialects.texts import common_text
from gateway.numbering.senders import sender_of
from gateway.words.errors import Unreadable
from gateway.words.message import Draft

Trail = tuple[int, ...]  # which element of each list on the way, outermost first


@dataclass(frozen=True, slots=True)
class Place:
    """What stands at a path, once for each element of the lists on the way; `node` is None where nothing does."""

    trail: Trail
    lists: tuple[Node, ...]
    node: Node | None

    def member(self, name: str) -> Place:
        """Raises Unreadable where the key is spelled in another way: some carriers do not look at its case."""
        if self.node is None:
            return self
        members = self.node.value
        if not isinstance(members, dict):
            raise Unreadable(f"what holds `{name}` must be a JSON object", field=name)
        if any(key != name and key.lower() == name.lower() for key in members):
            raise Unreadable(f"the key `{name}` is spelled in another way; write `{name}`", field=name)
        return Place(self.trail, self.lists, members.get(name))

    def elements(self, name: str) -> Iterator[Place]:
        if self.node is None or not isinstance(self.node.value, list):
            raise Unreadable(f"`{name}` must be there, as a JSON array", field=name)
        for index, element in enumerate(self.node.value):
            yield Place((*self.trail, index), (*self.lists, self.node), element)


def found(root: Node, path: str) -> list[Place]:
    """Every place of a path. Raises Unreadable where a list on the way is missing or is something else."""
    places = [Place((), (), root)]
    for step in path.split(".") if path else ():
        name = step.removesuffix("[]")
        places = [place.member(name) for place in places]
        if step.endswith("[]"):
            places = [element for place in places for element in place.elements(name)]
    return places


@dataclass(frozen=True, slots=True)
class JsonLayout:
    """The paths. A text or sender counts for all recipients in the list element that it stands in.

    `separator` stands between several recipients in one string.
    """

    to: str
    text: str
    sender: str | None = None
    separator: str | None = None
    flag: Flag | None = None

    def drafts(self, raw: bytes) -> tuple[Draft, ...]:
        document = Document.read(raw)
        texts, senders = _by_trail(document, self.text), _by_trail(document, self.sender)
        drafts = tuple(
            Draft(
                to,
                sender_of(_scalar(document, _over(senders, place.trail), self.sender or "") or ""),
                needed_text(_string(_over(texts, place.trail), self.text), self.text),
            )
            for place in found(document.root, self.to)
            for to in self._recipients(document, place)
        )
        if not drafts:
            raise Unreadable(f"{self.to} is empty", field=self.to)
        return drafts

    def written(self, raw: bytes, drafts: Sequence[Draft], texts: Mapping[int, str]) -> bytes:
        document = Document.read(raw)
        places = found(document.root, self.to)
        # A draft's owner is the place that names its recipient.
        owners = [place for place in places for _ in self._recipients(document, place)]
        changes = self._changed_texts(document, owners, drafts, texts)
        changes |= self._joined_anew(document, owners, drafts, texts.keys())
        changes |= _taken_out(document, owners, texts.keys())
        return document.with_changes(changes)

    def _recipients(self, document: Document, place: Place) -> list[str]:
        value = _scalar(document, place.node, self.to) or ""
        recipients = value.split(self.separator) if self.separator else [value]
        if not all(recipient.strip() for recipient in recipients):
            raise Unreadable(f"a recipient in {self.to} is missing or empty", field=self.to)
        return recipients

    def _changed_texts(
        self, document: Document, owners: Sequence[Place], drafts: Sequence[Draft], texts: Mapping[int, str]
    ) -> set[Change]:
        nodes = _by_trail(document, self.text)
        sharing: defaultdict[Trail, list[int]] = defaultdict(list)
        for draft in texts:
            sharing[_trail_over(nodes, owners[draft].trail)].append(draft)
        changes: set[Change] = set()
        for trail, those in sharing.items():
            old, new = drafts[those[0]].text or "", common_text([texts[draft] for draft in those])
            node = nodes[trail]
            if new != old and node:
                changes.add(document.changed(node, new))
            if self.flag and leaves_gsm(old, new):
                changes.add(_flagged(document, self.flag, trail))
        return changes

    def _joined_anew(
        self, document: Document, owners: Sequence[Place], drafts: Sequence[Draft], kept: Collection[int]
    ) -> set[Change]:
        """Strings that name several recipients, with only those of them that are kept."""
        if not self.separator:
            return set()
        named, left = defaultdict[Place, list[str]](list), defaultdict[Place, list[str]](list)
        for draft, owner in enumerate(owners):
            named[owner].append(drafts[draft].to)
            if draft in kept:
                left[owner].append(drafts[draft].to)
        fewer = {owner: some for owner, some in left.items() if some != named[owner]}
        return {document.changed(owner.node, self.separator.join(some)) for owner, some in fewer.items() if owner.node}


def _taken_out(document: Document, owners: Sequence[Place], kept: Collection[int]) -> set[Change]:
    """Without the list elements, outermost first, of which no draft is kept."""
    alive = {owners[draft].trail[:depth] for draft in kept for depth in range(len(owners[draft].trail) + 1)}
    gone: defaultdict[Node, set[int]] = defaultdict(set)
    for owner in owners:
        depth = next((d for d in range(len(owner.trail)) if owner.trail[: d + 1] not in alive), None)
        if depth is not None:
            gone[owner.lists[depth]].add(owner.trail[depth])
    return {change for node, those in gone.items() for change in document.without(node, those)}


def _flagged(document: Document, flag: Flag, trail: Trail) -> Change:
    holder, _, key = flag.place.rpartition(".")
    parent = _over(_by_trail(document, holder), trail)
    if parent is None or not isinstance(parent.value, dict):
        raise Unreadable(f"what holds `{key}` must be a JSON object", field=key)
    member = parent.value.get(key)
    return Change(member.start, member.end, flag.json) if member else document.added(parent, key, flag.json)


def _by_trail(document: Document, path: str | None) -> dict[Trail, Node | None]:
    return {} if path is None else {place.trail: place.node for place in found(document.root, path)}


def _over(nodes: Mapping[Trail, Node | None], trail: Trail) -> Node | None:
    """What stands in the innermost list element that holds this trail."""
    return nodes.get(_trail_over(nodes, trail))


def _trail_over(nodes: Mapping[Trail, Node | None], trail: Trail) -> Trail:
    return next((trail[:depth] for depth in range(len(trail), -1, -1) if trail[:depth] in nodes), ())


def _scalar(document: Document, node: Node | None, field: str) -> str | None:
    """A string, or a number's own digits."""
    if node is None:
        return None
    if isinstance(node.value, str):
        return node.value
    spelling = document.spelling(node)
    if isinstance(node.value, list | dict) or not spelling[-1].isdigit():
        raise Unreadable(f"{field} must be a string or a number", field=field)
    return spelling


def _string(node: Node | None, field: str) -> str | None:
    if node is None:
        return None
    if not isinstance(node.value, str):
        raise Unreadable(f"{field} must be a string", field=field)
    return node.value

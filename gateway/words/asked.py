"""What a client asks about messages that it has sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gateway.words.kept import Kept

PAGE = 50  # messages of a list, where it doesn't say how many it wants


class Wish(StrEnum):
    FETCH = "fetch"
    LIST = "list"
    CHANGE = "change"  # which one, the body says
    CANCEL = "cancel"
    REDACT = "redact"  # its text is to be forgotten
    DELETE = "delete"
    OTHER = "other"  # nothing that means something to a message that waits


@dataclass(frozen=True, slots=True)
class Asked:
    """One request about the message `id`, or about those that a list's filters let through."""

    wish: Wish
    id: str = ""
    to: str = ""  # only those to this recipient
    sender: str = ""  # only those from this sender
    most: int = PAGE  # messages that it wants on a page
    unsent: bool = False  # the page that is asked for may hold messages that have not left yet

    def lists(self, kept: Kept) -> bool:
        """Whether the list that is asked for holds this message of the account that it asks about."""
        matches = self.to in {"", kept.draft.to} and self.sender in {"", kept.draft.sender.value}
        return self.wish is Wish.LIST and self.unsent and matches

"""A list of opt-outs that a carrier keeps by itself: the requests for its pages, and what is in them. No I/O."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime

from gateway.words.wire import Credentials, Request, Response


@dataclass(frozen=True, slots=True)
class TheirOptOut:
    """One entry, in the carrier's own spelling."""

    number: str
    sender: str  # whom it blocks: a number of the site's, or the id of a pool; empty: the whole account
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the list, and what asks for the next page; empty: it was the last."""

    opt_outs: tuple[TheirOptOut, ...]
    following: str = ""


class OptOutList(ABC):
    """What can be read of it. `page` and `read` take turns until no page follows."""

    @abstractmethod
    def page(self, which: str, credentials: Credentials) -> Request:
        """The request for a page; empty: the first."""

    @abstractmethod
    def read(self, response: Response) -> Page:
        """What an answer with status 200 holds. Raises Unreadable where it is no page of this list."""

    @abstractmethod
    def wait(self, response: Response) -> float:
        """For how many seconds a carrier that is asked too often (429) wants to be left in peace."""

"""A list of opt-outs that a carrier keeps by itself: the requests that read it and write to it. No I/O.

Some carriers let it be read, some let it be written, some both: a dialect says which.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.words.wire import Credentials, Request, Response

PATIENCE = 1.0  # seconds, where a 429 doesn't say
LONGEST = 60.0  # seconds that are waited at most, whatever it says


@dataclass(frozen=True, slots=True)
class TheirOptOut:
    """One entry, in the carrier's own spelling; where it is written, in E.164."""

    number: str
    sender: str  # whom it blocks: a number of the site's, or the id of a pool; empty: the whole account
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the list, and what asks for the next page; empty: it was the last."""

    opt_outs: tuple[TheirOptOut, ...]
    following: str = ""


class KeptThere:
    """A list at the carrier, whatever may be done with it."""

    def wait(self, response: Response) -> float:
        """For how many seconds a carrier that is asked too often (429) wants to be left in peace."""
        for name in (b"retry-after", b"x-ratelimit-reset"):
            said = (response.header(name) or b"").strip()
            if said.isdigit():
                return min(float(said), LONGEST)
        return PATIENCE


class OptOutList(KeptThere, ABC):
    """What can be read of it. `page` and `read` take turns until no page follows."""

    @abstractmethod
    def page(self, which: str, credentials: Credentials) -> Request:
        """The request for a page; empty: the first."""

    @abstractmethod
    def read(self, response: Response) -> Page:
        """What an answer with status 200 holds. Raises Unreadable where it is no page of this list."""


class OptOutWriter(KeptThere, ABC):
    """How opt-outs are put on it. To put there what is there already is harmless."""

    most: int  # entries that one request may hold
    by_sender: bool  # True: an entry blocks one sender, which it must name; False: the whole account, and it names none

    @abstractmethod
    def put(self, opt_outs: Sequence[TheirOptOut], credentials: Credentials) -> Request:
        """The request that puts them there: one at least, and no more than `most`."""

    @abstractmethod
    def taken(self, opt_outs: Sequence[TheirOptOut], response: Response) -> list[bool]:
        """Of each, in order, whether an answer with status 2xx says that it is there now.

        Raises Unreadable where it is no such answer.
        """

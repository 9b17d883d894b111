"""Requests by whose signature a carrier knows who sends them, and that they came as they were written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime

from gateway.dialects.heads import with_header
from gateway.words.errors import Unreadable
from gateway.words.wire import Request

AUTHORIZATION = b"authorization"


class Signer(ABC):
    """For signatures that cover the host: whatever goes on to another one, changed or not, must be signed anew.

    It is signed with the upstream's own credentials, and only for clients that hold the same ones: they are lent to
    nobody who can't be checked.
    """

    @abstractmethod
    def check(self, request: Request, now: datetime) -> None:
        """Raises Unreadable where a whole request, with the host and the path that the client called, may not be
        signed anew."""

    @abstractmethod
    def sign(self, request: Request, now: datetime) -> Request:
        """A request as it leaves, with the carrier's host and path in it, signed at this instant. What proves itself
        by a token that covers neither stays as it is."""


def unproven(why: str) -> Unreadable:
    """A request that is not passed on, since nobody can know who sends it."""
    return Unreadable(why, field="Authorization")


def authorized_by(request: Request, value: bytes) -> Request:
    """The same request with this as its Authorization."""
    headers = with_header(request.headers, b"Authorization", value)
    return Request(request.method, request.target, headers, request.body)

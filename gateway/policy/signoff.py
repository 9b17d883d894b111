"""Who has signed which policies: so that a later change shows as unsigned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator

from gateway.policy.terms import Day, Wording
from gateway.yamlfile import Document, Written, listed, parsed

HEAD = """\
# Who has read the policies beside this file and agrees to them: `smsgate policy print --sign` writes it.
# `digest` is the SHA-256 of the files that were signed; one letter that changes in them makes another.
"""


@dataclass(frozen=True, slots=True)
class Signature:
    """Somebody's word for one set of policies."""

    by: str
    day: date
    digest: str

    def __str__(self) -> str:
        return f"{self.by} on {self.day}"


class _SignatureWritten(Written):
    by: Wording
    day: Day
    digest: str


class _SignoffWritten(Written):
    signatures: Annotated[tuple[_SignatureWritten, ...], BeforeValidator(listed)] = ()


def read_signatures(document: Document) -> list[Signature]:
    """The oldest first. Raises BadFile."""
    written = parsed(document, _SignoffWritten)
    return [Signature(each.by, each.day, each.digest) for each in written.signatures]


def standing(signatures: Sequence[Signature], digest: str) -> str:
    """Whether the policies are those that were signed."""
    if not signatures:
        return "not signed"
    meant = [each for each in signatures if each.digest == digest]
    if meant:
        return f"signed by {meant[-1]}"
    return f"changed since it was signed by {signatures[-1]}"

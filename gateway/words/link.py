"""An opt-out link: one for each recipient and program, never one for each message.

`https://o.example.com/` and a token: 13 of 34 characters, which is 66.1 bits. Small letters and digits, for a phone
whose keys have no others at hand; `o` and `l` are read as `0` and `1`, and capitals as small.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ALPHABET = "0123456789abcdefghijkmnpqrstuvwxyz"
LENGTH = 13  # with the slash before it 14 characters after the host
SAMPLE = "opt_out_token"  # as long as a token, and none: stands in a text until it is known whose it is

_TOKEN = re.compile(rf"[{ALPHABET}]{{{LENGTH}}}")
_READ_AS = str.maketrans("ol", "01")


@dataclass(frozen=True, slots=True)
class Link:
    """Whose a token is. `sender`: from whom the first message with it came."""

    token: str
    number: str  # E.164
    program: str
    sender: str


def token_read(spelled: str) -> str | None:
    """The token that is meant; None: it can't be one."""
    token = spelled.lower().translate(_READ_AS)
    return token if _TOKEN.fullmatch(token) else None


def token_from(digest: bytes) -> str:
    """Of a keyed hash that is much longer than a token, so that every token is as likely as any other."""
    left, characters = int.from_bytes(digest), []
    for _ in range(LENGTH):
        left, place = divmod(left, len(ALPHABET))
        characters.append(ALPHABET[place])
    return "".join(characters)


def sample_of(links: str) -> str:
    """A link with no recipient's token in it yet."""
    return f"{links}/{SAMPLE}"


def sampled(text: str, links: str) -> str:
    """The text as it was before its links were somebody's: to compare it with others."""
    if not links or links not in text:
        return text
    return re.sub(rf"{re.escape(links)}/{_TOKEN.pattern}", sample_of(links), text)


def has_link(text: str, links: str) -> bool:
    """Whether it holds an opt-out link of this site's, somebody's or a sample."""
    return bool(links) and sample_of(links) in sampled(text, links)

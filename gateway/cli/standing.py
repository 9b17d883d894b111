"""What stands against a number, in lines for people."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.desk import Desk
from gateway.words.facts import Suppression

Standing = tuple[Suppression, str]  # and the text of the message that it answers, where that is on record here


async def standing(desk: Desk, number: str) -> list[Standing]:
    """Raises NoNumber, StoreAway, OSError, Damaged."""
    found = await desk.suppressions(number)
    return [(one, await desk.text_of(one.answers) if one.answers else "") for one in found]


def told(one: Suppression, text: str) -> Iterator[str]:
    line = f"{one.kind}  scope {one.scope}  by {one.source}  since {one.at:%Y-%m-%d %H:%M:%S %Z}"
    yield f"{line}  {one.detail!r}" if one.detail else line
    if one.answers:
        said = repr(text) if text else "its text is not in this host's record"
        yield f"    in answer to {one.answers.message} of {one.answers.at:%Y-%m-%d %H:%M:%S %Z}: {said}"

"""What a mail says beside its text under a profile: numbers, whom it is from, credentials."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.mail.profiles import Meaning, Profile, SubjectIs
from gateway.mail.text import tight
from gateway.words.wire import Credentials

_FIELD = re.compile(r"[ \t]*([A-Za-z][A-Za-z0-9_]{0,30})[ \t]*:[ \t]?(.*)")
_APART = re.compile(r"[;,|]")
_LONGEST_SENDER = 11  # characters that an alphanumeric sender may have

Pair = tuple[Meaning, str]


@dataclass(frozen=True, slots=True)
class Inside:
    """A mail taken apart. `subject` is what is left of it for the text."""

    text: str
    subject: str
    numbers: tuple[str, ...] = ()  # as they were written
    says_from: str = ""
    credentials: Credentials | None = None


def inside_of(text: str, subject: str, profile: Profile) -> Inside:
    """What the mail says, and its text without that."""
    fields, rest = _fields(text, profile)
    pairs = [*_of_subject(subject, profile), *fields]
    return Inside(
        text=_between(_text(fields, rest), profile),
        subject=subject if profile.subject is SubjectIs.SUBJECT else "",
        numbers=tuple(number for spelled in _all(pairs, Meaning.NUMBER) for number in _apart(spelled)),
        says_from=next(iter(_all(pairs, Meaning.SENDER)), ""),
        credentials=_credentials(pairs),
    )


def _all(pairs: Iterable[Pair], meaning: Meaning) -> list[str]:
    return [value for what, value in pairs if what is meaning and value]


def _apart(spelled: str) -> list[str]:
    return [number for part in _APART.split(spelled) if (number := part.strip())]


def _of_subject(subject: str, profile: Profile) -> list[Pair]:
    match profile.subject:
        case SubjectIs.NUMBERS:
            return [(Meaning.NUMBER, subject)]
        case SubjectIs.SENDER:
            return [(Meaning.SENDER, subject[:_LONGEST_SENDER].strip())]
        case SubjectIs.PARAMETERS:
            return _parameters(subject, profile)
        case SubjectIs.SUBJECT:
            return []


def _parameters(subject: str, profile: Profile) -> list[Pair]:
    try:
        words = shlex.split(subject)
    except ValueError:  # a quotation mark that nobody closed
        words = subject.split()
    halves = (word.partition("=") for word in words)
    return [(profile.parameters[key.lower()], value) for key, _, value in halves if key.lower() in profile.parameters]


def _fields(text: str, profile: Profile) -> tuple[list[Pair], str]:
    """The fields with which the body begins, and what follows them."""
    if not profile.fields:
        return [], text
    pairs: list[Pair] = []
    lines = text.split("\n")
    for place, line in enumerate(lines):
        found = _FIELD.fullmatch(line.rstrip())
        meaning = profile.fields.get(found[1].lower()) if found else None
        if found and meaning:
            pairs.append((meaning, found[2].strip()))
        elif line.strip():
            return pairs, "\n".join(lines[place:])
    return pairs, ""


def _text(fields: list[Pair], rest: str) -> str:
    """The text that the fields hold; where none of them does, what follows them."""
    text = ""
    for meaning, value in fields:
        if meaning is Meaning.LINE:
            text += f"\n{value}"
        elif meaning is Meaning.MORE:
            text += value
    return tight(text) or rest


def _between(text: str, profile: Profile) -> str:
    """What stands between the profile's marks, where the text has them."""
    if profile.opens and profile.opens in text:
        text = text.partition(profile.opens)[2]
    elif profile.opens:
        return text
    return text.partition(profile.closes)[0] if profile.closes else text


def _credentials(pairs: list[Pair]) -> Credentials | None:
    user, secret = _all(pairs, Meaning.USER), _all(pairs, Meaning.SECRET)
    return Credentials(next(iter(user), ""), next(iter(secret), "")) if user or secret else None

"""What a mail says, without what mail programs and offices put around it.

Nothing is cut where nothing would be left: a mail that begins with a quotation is a forwarded one, and says that.
"""

# ruff: noqa: RUF001 - colons and dashes of the world

from __future__ import annotations

import re
from collections.abc import Iterable

from gateway.mail import phrases
from gateway.mail.model import Tail


def _any(alternatives: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, alternatives), key=len, reverse=True))


_I_M = re.IGNORECASE | re.MULTILINE
_SAME_PARAGRAPH = r"(?:[^\n]|\n(?![ \t]*\n))"
# It may be wrapped. A time, a year or an address is in it, so that no plain sentence is taken for one.
_WHEN_OR_WHO = rf"(?={_SAME_PARAGRAPH}{{0,240}}?(?:@|[0-9][:.h][0-9]{{2}}|[0-9]{{4}}))"
_ATTRIBUTION = re.compile(
    rf"^[ \t]*(?:(?:{_any(phrases.WRITTEN_ON)})[ \t]{_WHEN_OR_WHO}{_SAME_PARAGRAPH}{{4,240}}?"
    rf"\b(?:{_any(phrases.WROTE)})\b[^\n]{{0,80}}:"
    rf"|[^\n]{{1,80}}<[^\s<>]+@[^\s<>]+>[^\n]{{0,40}}\b(?:{_any(phrases.WROTE)})[^\n]{{0,40}}:"
    r"|\d{4}(?:年|-)\d{1,2}(?:月|-)\d{1,2}[^\n]{4,80}<[^\s<>]+@[^\s<>]+>[^\n]{0,12}[:：])[ \t]*$",
    _I_M,
)
_BLOCK_LINE = rf"[ \t]*\*?(?:{_any((*phrases.SENT, *phrases.BLOCK))})\*?[ \t]?[:：][^\n]*"
_BLOCK = re.compile(
    rf"^(?:[ \t]*(?:-{{2,}}[ \t]?(?:{_any(phrases.ORIGINAL)})[ \t]?-{{2,}}|_{{8,}}|Begin forwarded message:)"
    r"[ \t]*\n\s*)?"
    rf"[ \t]*\*?(?:{_any(phrases.FROM)})\*?[ \t]?[:：][^\n]+\n(?:[ \t]*\n)?(?:{_BLOCK_LINE}(?:\n|\Z)){{2,}}",
    _I_M,
)
_DIVIDER = re.compile(rf"^[ \t]*-{{2,}}[ \t]?(?:{_any(phrases.ORIGINAL)})[ \t]?-{{2,}}[ \t]*$", _I_M)
_QUOTED = re.compile(r"^[ \t]*>[^\n]*(?:\n|\Z)", re.MULTILINE)
_QUOTED_RUN = re.compile(r"^[ \t]*>[^\n]*\n[ \t]*>", re.MULTILINE)
_SIGNATURE = re.compile(r"^[ \t]*(?:--|—|– ?–)[ \t]*$", re.MULTILINE)
_SENT_FROM = re.compile(rf"^[ \t*]*(?:{'|'.join(phrases.SENT_FROM)})[^\n]{{0,80}}$", _I_M)
_DISCLAIMER = re.compile(
    "|".join(
        rf"^[ \t*_\[(>-]*(?:{begins})" + (rf"(?={_SAME_PARAGRAPH}{{0,400}}?(?:{holds}))" if holds else "")
        for begins, holds in phrases.DISCLAIMERS
    ),
    _I_M,
)
_BANNER = re.compile(rf"\A[\s*_\[\]!-]*(?:{'|'.join(phrases.BANNERS)}){_SAME_PARAGRAPH}*", _I_M)
_RULE = re.compile(r"(?:\n[ \t]*[-_=*~#][-_=*~# \t]{2,})+\s*\Z")


def own_words(text: str, cut: frozenset[Tail]) -> str:
    """The text without the tails that are to be cut."""
    if Tail.QUOTE in cut:
        text = _without_quotes(text)
    if Tail.DISCLAIMER in cut:
        text = _before(_DISCLAIMER, _without_banner(text))
    if Tail.SIGNATURE in cut:
        text = _before(_SENT_FROM, _before(_SIGNATURE, text))
    return _RULE.sub("", text) if cut else text


def _without_banner(text: str) -> str:
    rest = _BANNER.sub("", text, count=1)
    return rest if rest.strip() else text


def _before(pattern: re.Pattern[str], text: str) -> str:
    """The text before the first match that has something before it."""
    for found in pattern.finditer(text):
        if text[: found.start()].strip():
            return text[: found.start()]
    return text


def _without_quotes(text: str) -> str:
    text = _without_original(text)
    attribution = _ATTRIBUTION.search(text)
    if attribution is None:
        return _unquoted(text) if _QUOTED_RUN.search(text) else text
    before, after = text[: attribution.start()], text[attribution.end() :]
    if after.lstrip().startswith(">"):  # what isn't quoted below it is an answer in between
        return _unquoted(f"{before.rstrip()}\n{after.lstrip()}")
    return before if before.strip() else after


def _without_original(text: str) -> str:
    """Without the mail that it answers, headed by its fields; where it only forwards one, without those fields."""
    found = _BLOCK.search(text) or _DIVIDER.search(text)
    if found is None:
        return text
    before, after = text[: found.start()], text[found.end() :]
    return before if before.strip() else _before(_BLOCK, after)


def _unquoted(text: str) -> str:
    rest = _QUOTED.sub("", text)
    return rest if rest.strip() else re.sub(r"^[ \t]*(?:>[ \t]?)+", "", text, flags=re.MULTILINE)

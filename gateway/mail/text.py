"""A mail's words as a text message: what was around them is gone, white space is tight, and it is short enough."""

# ruff: noqa: RUF001 - a full-width colon

from __future__ import annotations

import re
import unicodedata

from gateway.mail.cut import own_words
from gateway.mail.debris import without_debris
from gateway.mail.html import without_tags
from gateway.mail.model import Attachments, BadMail, Shaping, Subject, TooLong
from gateway.mail.parts import Body
from gateway.text.segments import segments

_SPACES = re.compile(r"[ \t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
# Soft hyphens, joiners and the like that newsletters pad with; a lone joiner belongs to its word or emoji.
_INVISIBLE = re.compile(r"[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffc]")
_PADDING = re.compile(r"(?:[\u200c\u200d][ \t\xa0\n]*){2,}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff]")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_REPLY = re.compile(
    r"^(?:\s*(?:(?:re|fwd?|fw|aw|wg|antw|tr|rv|rif|enc|sv|vs|vb|odp|pd|ref|回复|答复|转发)\s*(?:\[\d+\])?\s*[:：]"
    r"|\[(?:external|ext|extern)\]|\{external\}))+\s*",
    re.IGNORECASE,
)
_ELLIPSIS = "..."
_WORD_END = 24  # characters; a cut looks as far back for the end of a word


def shaped(body: Body, subject: str, shaping: Shaping) -> tuple[str, bool]:
    """The text, and whether it was cut to the site's length. Raises BadMail where there is none, or it is too long."""
    if body.attachments and shaping.attachments is Attachments.REFUSE:
        raise BadMail("the mail has attachments, which can't be texted; send it without them", "5.6.1")
    said = _with_subject(tight(own_words(without_debris(body.text), shaping.cut)) or body.invite, subject, shaping)
    text = tight(without_tags(without_debris(said)))  # once more: what was invisible no longer hides it
    if not text:
        raise BadMail("no text is in this mail; write what is to be texted into its body", "5.6.0")
    return limited(text, shaping.max_segments, shaping.too_long)


def tight(text: str) -> str:
    """The text with single spaces, no blank lines and nothing invisible."""
    plain = _INVISIBLE.sub("", _PADDING.sub(" ", _CONTROL.sub("", _LINE_ENDS.sub("\n", text).replace("\t", " "))))
    lines = (_SPACES.sub(" ", line).strip() for line in unicodedata.normalize("NFC", plain).split("\n"))
    return "\n".join(filter(None, lines))


def bare_subject(subject: str) -> str:
    """The subject without the marks of answers and forwards."""
    return _REPLY.sub("", tight(subject.replace("\n", " ")))


def limited(text: str, most: int, too_long: TooLong) -> tuple[str, bool]:
    """The text in at most so many segments, and whether it was cut. Raises BadMail where it may not be."""
    taken = segments(text).count
    if taken <= most:
        return text, False
    if too_long is TooLong.REFUSE:
        raise BadMail(f"the text takes {taken} segments, and {most} are allowed; shorten it", "5.3.4")
    return _cut(text, most), True


def _with_subject(text: str, subject: str, shaping: Shaping) -> str:
    subject = bare_subject(subject)
    if not text:
        return "" if shaping.subject is Subject.NEVER else subject
    if shaping.subject is not Subject.ALWAYS or not subject or text.startswith(subject):
        return text
    return f"{subject}\n{text}"


def _cut(text: str, most: int) -> str:
    """The longest beginning that fits together with the ellipsis, at the end of a word where one is near."""
    fits, fails = 0, len(text)
    while fails - fits > 1:
        middle = (fits + fails) // 2
        if segments(text[:middle] + _ELLIPSIS).count <= most:
            fits = middle
        else:
            fails = middle
    return text[: _word_end(text, fits)].rstrip() + _ELLIPSIS


def _word_end(text: str, end: int) -> int:
    if text[end : end + 1].isspace():
        return end
    for place in range(end, max(end - _WORD_END, 0), -1):
        if text[place - 1].isspace():
            return place
    # No word ends near: at least what is drawn as one character stays whole.
    while end > 1 and _goes_on(text, end):
        end -= 1
    return end


def _goes_on(text: str, place: int) -> bool:
    """Whether what is drawn before this place goes on behind it: accents, variants, joined emoji."""
    here = text[place]
    return bool(unicodedata.combining(here)) or "\ufe00" <= here <= "\ufe0f" or "\u200d" in text[place - 1 : place + 1]

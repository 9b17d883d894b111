"""Which of a mail's parts holds what it says."""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.mail.charset import decoded
from gateway.mail.debris import without_debris
from gateway.mail.flowed import unflowed
from gateway.mail.html import html_text, is_html
from gateway.mail.invite import invite_text
from gateway.mail.model import BadMail, Tail
from gateway.mail.parse import Part, content, content_type, field_of, file_name, parameter, parts_of

_ENCRYPTED = {"multipart/encrypted", "application/pgp-encrypted"}
_SMIME = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
_SIGNATURES = {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
_ASIDES = {"text/x-amp-html", "text/watch-html", "text/directory"}  # other views of what another part says
_PLAIN = {"text/plain", "text/markdown", "text/x-markdown"}
_HTML = {"text/html", "application/xhtml+xml"}
_CALENDAR = {"text/calendar", "application/ics"}
_STUB = re.compile(
    r"(?:view|read|see|display|open)[^.\n]{0,60}(?:in your browser|html)"
    r"|html.{0,40}(?:capable|compatible|enabled|viewer)"
    r"|(?:not|n't) (?:support|display|view|show|render)[^.\n]{0,40}html|html (?:e-?mail|message|version|format)"
    r"|html-?f[äa]hig|(?:im|als) html|au format html|en (?:formato )?html|in formato html|html-weergave",
    re.IGNORECASE,
)
# Characters that are looked at: far more than fit into a text, and few enough for every pattern here.
_MOST_PLAIN, _MOST_HTML = 20_000, 500_000
_STUB_LENGTH = 400  # characters; a longer text says something beside
_PGP_SIGNED = re.compile(
    r"-----BEGIN PGP SIGNED MESSAGE-----\n(?:[A-Za-z]+: [^\n]*\n)*\n(.*?)\n?-----BEGIN PGP SIGNATURE-----.*?"
    r"(?:-----END PGP SIGNATURE-----|\Z)",
    re.DOTALL,
)
_PGP_ENCRYPTED = "-----BEGIN PGP MESSAGE-----"
_SOFT_LINE_END = re.compile(r"^[^\n]{60,75}=\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Body:
    """What a part holds, nothing of it cut off yet except what its HTML marks as quotation or signature."""

    text: str = ""
    attachments: int = 0
    invite: str = ""  # what a calendar invitation says: for where there is no text


def body_of(message: Part, boundaries: frozenset[str], cut: frozenset[Tail]) -> Body:
    """What a mail holds; `boundaries` are those that its bytes show.

    Raises BadMail where that can't be told, and where the mail is encrypted.
    """
    boundaries = boundaries.union(_boundaries(message))
    body = _read(message, cut, boundaries)
    if not body.text.strip() and content_type(message) == "application/ms-tnef":
        raise _tnef()
    return body


def _boundaries(part: Part) -> Iterator[str]:
    if boundary := parameter(part, "boundary"):
        yield boundary
    for each in parts_of(part):
        yield from _boundaries(each)


def _read(part: Part, cut: frozenset[Tail], boundaries: frozenset[str]) -> Body:
    kind = content_type(part)
    _refuse_unreadable(part, kind)
    if part.is_multipart() and kind.startswith("multipart/"):
        bodies = [(content_type(each), _read(each, cut, boundaries)) for each in parts_of(part)]
        return _together(kind, bodies)
    if kind in _SIGNATURES | _ASIDES:
        return Body()
    if kind in _CALENDAR:
        return Body(invite=invite_text(decoded(content(part), parameter(part, "charset") or "utf-8")))
    if _is_attachment(part, kind):
        return Body(attachments=0 if _is_decoration(part, kind) else 1)
    return Body(_text(part, kind, cut, boundaries))


def _refuse_unreadable(part: Part, kind: str) -> None:
    if kind in _ENCRYPTED:
        raise BadMail("the mail is encrypted (PGP), so its text can't be read; send it unencrypted", "5.6.1")
    if kind in _SMIME:
        how = "signed so that its text is sealed inside" if "signed" in parameter(part, "smime-type") else "encrypted"
        raise BadMail(f"the mail is {how} (S/MIME), so its text can't be read; send it unencrypted", "5.6.1")
    if kind in {"message/partial", "message/external-body"}:
        raise BadMail("the mail holds only a piece of a message, or a pointer to one; send it whole", "5.6.1")


def _is_attachment(part: Part, kind: str) -> bool:
    if part.get_content_disposition() == "attachment" or part.is_multipart():
        return True
    return kind not in _PLAIN | _HTML or bool(file_name(part))


def _is_decoration(part: Part, kind: str) -> bool:
    """Whether it is a picture that the text shows, as signatures do."""
    return kind.startswith("image/") and part.get_content_disposition() != "attachment" and "content-id" in part


def _together(kind: str, bodies: list[tuple[str, Body]]) -> Body:
    attachments = sum(body.attachments for _, body in bodies)
    invite = next((body.invite for _, body in bodies if body.invite), "")
    if kind == "multipart/alternative":
        return Body(_best(bodies), attachments, invite)
    if kind == "multipart/related" and bodies:
        pictures = sum(body.attachments for inner, body in bodies[1:] if inner.startswith("image/"))
        return Body(bodies[0][1].text, attachments - pictures, invite)
    return Body(_joined([body.text for _, body in bodies]), attachments, invite)


def _best(bodies: list[tuple[str, Body]]) -> str:
    """Plain text, unless it only says that there is a better part."""
    stubs = []
    for wanted in (True, False):
        for kind, body in bodies:
            if (kind in _PLAIN) is not wanted or not body.text.strip():
                continue
            if not wanted or not _is_stub(body.text):
                return body.text
            stubs.append(body.text)
    return stubs[0] if stubs else ""


def _is_stub(text: str) -> bool:
    return len(text) <= _STUB_LENGTH and _STUB.search(text) is not None


def _joined(texts: list[str]) -> str:
    """All texts in order; one that repeats what another says, as HTML beside its plain text does, is left out."""
    kept: list[str] = []
    for text in texts:
        folded = "".join(text.split())
        if folded and not any(folded in "".join(other.split()) for other in kept):
            kept.append(text)
    return "\n".join(kept)


def _text(part: Part, kind: str, cut: frozenset[Tail], boundaries: frozenset[str]) -> str:
    whole = decoded(_bytes(part), parameter(part, "charset"))
    source = whole[:_MOST_PLAIN]
    if kind in _HTML or is_html(source):
        return html_text(without_debris(whole[:_MOST_HTML], boundaries, in_html=True), cut)[:_MOST_PLAIN]
    if _PGP_ENCRYPTED in source:
        raise BadMail("the mail is encrypted (PGP), so its text can't be read; send it unencrypted", "5.6.1")
    source = without_debris(_PGP_SIGNED.sub(r"\1", source), boundaries)
    if parameter(part, "format").lower() == "flowed":
        return unflowed(source, delsp=parameter(part, "delsp").lower() == "yes")
    return source


def _bytes(part: Part) -> bytes:
    """A part's bytes; where no transfer encoding is named and it shows quoted-printable all the same, undone."""
    data = content(part)
    named = field_of(part, "content-transfer-encoding")
    if named or not _SOFT_LINE_END.search(data.decode("latin-1").replace("\r\n", "\n")):
        return data
    return quopri.decodestring(data)


def _tnef() -> BadMail:
    return BadMail("the mail is in Outlook's own format (winmail.dat); send it as plain text or HTML", "5.6.1")

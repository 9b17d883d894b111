"""Whatever bytes come: no crash, and never a text made of the wreckage of a mail."""

from __future__ import annotations

import base64
import re
from contextlib import suppress
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.mail.addresses import Addressing, recipient_of
from gateway.mail.dsn import Fate, Told, compose_dsn
from gateway.mail.model import BadMail, Envelope, Shaping, Subject
from gateway.mail.profiles import PROFILES
from gateway.mail.read import Settings, read
from gateway.text.segments import segments
from tests.mail.values import ANN, STAMP, parsed

MAILS = [path.read_bytes() for path in sorted((Path(__file__).parent / "corpus").glob("*.eml"))]
BOUNDARIES = {found for raw in MAILS for found in re.findall(rb'boundary="?([^"\r\n;]{8,})', raw)}
DEBRIS = re.compile(
    r"^\s*(?:Content-(?:Type|Transfer-Encoding|Disposition)|MIME-Version):|^[A-Za-z0-9+/]{60,}={0,2}$"
    r"|</?(?:html|head|body|div|p|br|table|tr|td|span|style|font|li)(?:\s[^<>]*)?>",
    re.IGNORECASE | re.MULTILINE,
)


def text_of(raw: bytes, how: Settings | None = None) -> str | None:
    try:
        return read(raw, Envelope("ann@example.com", (ANN,)), how or Settings()).text
    except BadMail as error:
        status = error.status
    assert re.fullmatch(r"5\.\d\.\d", status)
    return None


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A mail of the corpus with pieces changed, cut out, doubled or moved."""
    raw = bytearray(draw(st.sampled_from(MAILS)))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(raw)))
        end = min(start + draw(st.integers(0, 40)), len(raw))
        piece = draw(
            st.one_of(
                st.binary(max_size=6),
                st.sampled_from([b"\r\n", b"\r\n\r\n", b"--", b'"', b"=", bytes(raw[start:end]) * 2]),
            )
        )
        raw[start:end] = piece
    return bytes(raw)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
@example(b"")
@example(b"Content-Type: multipart/mixed; boundary=\n\n--\n\n--\n")
@example(b"Content-Type: text/plain; charset*0*=x''%\n\nhello\n")
def test_any_bytes_are_read_or_refused(raw):
    text_of(raw)


@settings(max_examples=300, deadline=None)
@given(mutated())
def test_a_damaged_mail_never_becomes_a_text_of_debris(raw):
    text = text_of(raw)
    if text is None:
        return
    assert not DEBRIS.search(text)
    assert not any(boundary.decode("latin-1") in text for boundary in BOUNDARIES if raw.count(boundary) > 1)
    assert "\0" not in text
    assert text == text.strip()
    assert segments(text).count <= Shaping().max_segments


@settings(max_examples=150, deadline=None)
@given(mutated(), st.sampled_from(sorted(PROFILES)), st.sampled_from(Subject))
def test_every_profile_reads_or_refuses_a_damaged_mail(raw, profile, subject):
    how = Settings(Addressing(country="US", profile=PROFILES[profile]), Shaping(subject=subject))
    text_of(raw, how)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_any_address_is_a_number_or_a_refusal(address):
    for profile in PROFILES.values():
        with suppress(BadMail):
            recipient_of(address, Addressing(country="US", profile=profile))


@settings(max_examples=150, deadline=None)
@given(mutated(), st.text(max_size=60), st.text(max_size=60))
def test_a_notification_about_any_mail_can_be_parsed(raw, address, why):
    told = [Told(address, Fate.FAILED, "5.7.1", why)]
    report = parsed(compose_dsn(told, raw, Envelope("ann@example.com", ()), STAMP))
    people, machines, original = report.iter_parts()
    assert machines.get_payload()[1]["Status"] == "5.7.1"
    assert people.get_content_type() == "text/plain"
    assert original.get_content_type() == "text/rfc822-headers"


@settings(max_examples=150, deadline=None)
@given(st.binary(min_size=200, max_size=600), st.from_regex(r"[A-Za-z0-9=_.-]{8,40}", fullmatch=True), st.booleans())
def test_what_is_attached_never_shows(data, boundary, is_named):
    encoded = base64.encodebytes(data).decode()
    head = f'Content-Type: multipart/mixed; boundary="{boundary}"' if is_named else "Content-Type: multipart/mixed"
    raw = (
        f"From: ann@example.com\n{head}\n\n--{boundary}\nContent-Type: text/plain\n\nGate 4 is open.\n\n--{boundary}\n"
        f"Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n{encoded}\n--{boundary}--\n"
    )
    assert text_of(raw.encode()) == "Gate 4 is open."

"""Mails made to tie up a worker: each is read or refused, in time that grows with its size and no faster."""

from __future__ import annotations

import pytest

from gateway.mail.model import BadMail, Envelope
from gateway.mail.read import Settings, read
from tests.mail.values import ANN

HEAD = b"From: a@example.com\nSubject: subject\n"
HTML = HEAD + b"Content-Type: text/html\n\n"
NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(3000))


@pytest.mark.parametrize(
    ("situation", "raw", "outcome"),
    [
        ("a megabyte of spaces", HEAD + b"\n" + b" " * 1_000_000, "subject"),
        ("a megabyte of empty lines", HEAD + b"\n" * 1_000_000, "subject"),
        ("a megabyte of joiners", HEAD + b"\n" + "\u200d".encode() * 300_000, "subject"),
        ("quotations that begin and never end", HEAD + b"\nhi\n\n" + b"On 2026 x\n" * 100_000, "hi"),
        ("nothing but quoted lines", HEAD + b"\n" + b"> \n" * 300_000, "subject"),
        (
            "signatures that are opened and never closed",
            HEAD + b"\n" + b"-----BEGIN PGP SIGNED MESSAGE-----\n\n" * 30_000,
            "-",
        ),
        ("elements in elements", HTML + b"<div>" * 100_000 + b"hi", "subject"),
        ("tables in tables", HTML + b"<table><tr><td>" * 30_000 + b"hi", "subject"),
        (
            "events that begin and never end",
            HEAD + b"Content-Type: text/calendar\n\n" + b"BEGIN:VEVENT\n" * 80_000,
            "subject",
        ),
        ("a header of a megabyte", b"To: " + b"a@b, " * 200_000 + b"\n\nhi", "hi"),
        ("brackets in a header", b"Content-Type: text/plain; " + b"(" * 8000 + b"\n\nhi", "hi"),
        ("multiparts in multiparts", HEAD + NESTED, "5.6.0"),
        ("mails in mails", HEAD + b"Content-Type: message/rfc822\n\n" * 5000, "5.6.0"),
        (
            "parts without end",
            HEAD + b"Content-Type: multipart/mixed; boundary=bb\n\n" + b"--bb\n\nx\n" * 5000,
            "5.6.0",
        ),
        ("twenty thousand hops", b"Received: x\n" * 20_000 + b"\nhi", "5.4.6"),
    ],
)
def test_a_hostile_mail_is_read_or_refused(situation, raw, outcome):
    try:
        told = read(raw, Envelope("a@example.com", (ANN,)), Settings()).text
    except BadMail as error:
        told = error.status
    assert told.startswith(outcome)

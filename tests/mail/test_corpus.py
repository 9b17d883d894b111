"""Mails as programs and people send them, each with the text that is expected of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.mail.addresses import Addressing
from gateway.mail.model import Attachments, BadMail, Envelope, NotForTexting, Shaping
from gateway.mail.read import Settings, read

CORPUS = Path(__file__).parent / "corpus"
MAILS = sorted(CORPUS.glob("*.eml"))
ENVELOPE = Envelope("ann@example.com", ("12125550100@sms.example.com",))
SETTINGS = Settings(Addressing(("sms.example.com",), "US"), Shaping(attachments=Attachments.COUNT))


def outcome(raw: bytes) -> dict[str, object]:
    try:
        mail = read(raw, ENVELOPE, SETTINGS)
    except NotForTexting as error:
        return {"status": error.status, "rule": error.rule}
    except BadMail as error:
        return {"status": error.status}
    assert [each.number.e164 for each in mail.recipients] == ["+12125550100"]
    return {"text": mail.text, "media": mail.media, "was_cut": mail.was_cut}


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_a_real_mail_becomes_the_text_that_a_person_would_expect(path):
    expected = json.loads(path.with_suffix(".json").read_text())
    if "text" in expected:
        expected = {"media": 0, "was_cut": False, **expected}
    assert outcome(path.read_bytes()) == expected


def test_the_corpus_is_large():
    assert len(MAILS) >= 60

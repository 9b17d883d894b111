"""The sender of a mail is who the mail system in front says, and nobody else's word counts."""

from __future__ import annotations

import pytest

from gateway.mail.authenticated import Method, passed
from gateway.mail.model import Envelope, NotForTexting
from gateway.mail.read import Settings, read

MX = "mx.hospital.example"


@pytest.mark.parametrize(
    ("situation", "fields", "found"),
    [
        ("none", [], set()),
        ("two passed", [f"{MX}; spf=pass smtp.mailfrom=a@b.example; dkim=pass header.d=b.example"], {"spf", "dkim"}),
        ("one failed", [f"{MX}; spf=fail; dkim=pass"], {"dkim"}),
        ("a version, and room", [f"{MX} 1; SPF = Pass ; dmarc/1=pass"], {"spf", "dmarc"}),
        ("somebody else's word", ["mx.evil.example; spf=pass"], set()),
        ("the first counts", [f"{MX}; spf=fail", f"{MX}; spf=pass"], set()),
        ("another's first", ["mx.evil.example; spf=fail", f"{MX}; spf=pass"], {"spf"}),
        ("in a comment", [f"{MX}; (spf=pass; a (nested) one) spf=softfail"], set()),
        ("in a quotation", [f'{MX}; dkim=fail reason="x; spf=pass"'], set()),
        ("nothing was checked", [f"{MX}; none"], set()),
        ("no field at all", [";;=", ""], set()),
    ],
)
def test_what_passed_is_read_of_the_right_field(situation: str, fields: list[str], found: set[str]):
    assert passed(fields, MX) == found, situation


def read_with(field: str) -> str:
    raw = f"{field}From: a@b.example\r\nSubject: Pump\r\n\r\nHot\r\n".encode()
    settings = Settings(authserv=MX, demanded=(Method.SPF, Method.DKIM))
    return read(raw, Envelope("a@b.example", ("12125550100@x",)), settings).text


def test_a_mail_that_did_not_pass_is_not_texted():
    assert read_with(f"Authentication-Results: {MX};\r\n\tspf=pass; dkim=pass\r\n") == "Hot"
    with pytest.raises(NotForTexting) as refused:
        read_with(f"Authentication-Results: {MX}; spf=pass\r\n")
    assert (refused.value.status, refused.value.rule) == ("5.7.20", "mail/not-authenticated")

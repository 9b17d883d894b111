"""Mails that were written for other services."""

from __future__ import annotations

import pytest

from gateway.mail.addresses import Addressing
from gateway.mail.model import BadMail, Envelope, Mail, Shaping, Subject
from gateway.mail.profiles import PROFILES
from gateway.mail.read import Settings, read
from gateway.words.wire import Credentials
from tests.mail.values import ANN


def mail(profile: str, subject: str, body: str, to: str = "sms@sms.example.com") -> Mail:
    how = Settings(Addressing(("sms.example.com",), "US", profile=PROFILES[profile]), Shaping(subject=Subject.ALWAYS))
    raw = f"From: a@example.com\r\nSubject: {subject}\r\n\r\n{body}".encode()
    return read(raw, Envelope("a@example.com", (to,)), how)


def numbers(of: Mail) -> list[str]:
    return [each.number.e164 for each in of.recipients]


def test_clickatell_has_everything_in_fields():
    head = "api_id:1234\nuser:acme\npassword:hunter2\n"
    body = head + "to:12125550100\nto:12125550101\nfrom:ACME\ntext:First\ntext:Second\n\n-- \nAnn\n"
    read = mail("clickatell", "ignored by it", body)
    assert numbers(read) == ["+12125550100", "+12125550101"]
    assert read.text == "ignored by it\nFirst\nSecond"
    assert (read.says_from, read.credentials) == ("ACME", Credentials("acme", "hunter2"))


def test_data_goes_on_in_the_same_line():
    read = mail("clickatell", "", "to:12125550100\ndata:one \ndata:two\n")
    assert read.text == "onetwo"


def test_intellisms_has_the_number_in_the_subject_and_the_password_in_the_first_line():
    read = mail("intellisms", "2125550100", "Pass:U78T\nYour table is ready.\n")
    assert numbers(read) == ["+12125550100"]
    assert read.text == "Your table is ready."
    assert read.credentials == Credentials("", "U78T")


def test_iflow_has_several_numbers_in_the_subject():
    read = mail("iflow", "2125550100;2125550101; 12", "Hello")
    assert numbers(read) == ["+12125550100", "+12125550101"]
    assert [(each.address, each.status) for each in read.refused] == [("sms@sms.example.com", "5.1.3")]


def test_a_subject_without_a_number_is_refused():
    with pytest.raises(BadMail) as refused:
        mail("iflow", "hello", "Hello")
    assert refused.value.status == "5.1.3"


def test_textapp_has_the_sender_in_the_subject_and_ends_at_two_dollars():
    read = mail(
        "textapp", "Example Bank Ltd", "Rates are up.$$\nAnn Miller, Example Bank\n", "+12125550100@sms.example.com"
    )
    assert (read.text, read.says_from) == ("Rates are up.", "Example Ban")


def test_seven_has_parameters_in_the_subject_and_marks_around_the_text():
    read = mail("seven", 'key=abc123 from="My Shop"', "Hi\n##Open till 8##\n-- \nAnn\n", ANN)
    assert (read.text, read.says_from, read.credentials) == ("Open till 8", "My Shop", Credentials("", "abc123"))


def test_a_subject_with_an_open_quotation_mark_is_read_as_far_as_it_goes():
    read = mail("seven", 'key=abc123 from="My', "Hello", ANN)
    assert read.credentials == Credentials("", "abc123")


def test_tm4b_parts_recipients_by_commas_and_pipes():
    read = mail("tm4b", "", "Password: pw\nFrom: Shop\nTo: 12125550100|12125550101\nMsg: Sold out\n")
    assert numbers(read) == ["+12125550100", "+12125550101"]
    assert read.text == "Sold out"


def test_credentials_are_neither_in_the_text_nor_in_what_a_log_would_show():
    read = mail("clickatell", "", "user:acme\npassword:hunter2\nto:12125550100\ntext:Hi\n")
    assert "hunter2" not in repr(read)
    assert read.text == "Hi"


def test_the_plain_profile_takes_nothing_out_of_the_text():
    assert mail("plain", "", "to: the moon\ntext: hello", ANN).text == "to: the moon\ntext: hello"

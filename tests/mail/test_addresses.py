"""Which addresses are numbers."""

from __future__ import annotations

import pytest

from gateway.mail.addresses import Addressing, recipient_of, recipients_of
from gateway.mail.model import BadMail, Envelope
from gateway.mail.profiles import PROFILES
from gateway.text.pattern import Pattern
from gateway.words.wire import Credentials

OURS = ("sms.example.com", "text.example.com")
US, GB = Addressing(OURS, "US"), Addressing(OURS, "GB")


@pytest.mark.parametrize(
    ("situation", "address", "how", "number"),
    [
        ("with a plus", "+12125550100@sms.example.com", GB, "+12125550100"),
        ("without it", "12125550100@sms.example.com", US, "+12125550100"),
        ("international although the default country is another", "12125550100@sms.example.com", GB, "+12125550100"),
        ("as the carriers' old gateways have it", "2125550100@sms.example.com", US, "+12125550100"),
        ("as written at home, in quotes", '"07700 900123"@sms.example.com', GB, "+447700900123"),
        ("as written at home", "07700900123@sms.example.com", GB, "+447700900123"),
        ("with escapes in the quotes", '"\\07700 900123"@sms.example.com', GB, "+447700900123"),
        ("with the country code, at home", "447700900123@sms.example.com", GB, "+447700900123"),
        ("American digits in Germany", "12125550100@sms.example.com", Addressing(OURS, "DE"), "+12125550100"),
        ("ten digits in America", "3475550100@sms.example.com", US, "+13475550100"),
        ("in angle brackets", "<+12125550100@sms.example.com>", US, "+12125550100"),
        ("with hyphens", "212-555-0100@sms.example.com", US, "+12125550100"),
        ("with 00 for the plus", "0012125550100@sms.example.com", Addressing(OURS), "+12125550100"),
        ("a domain in capitals", "12125550100@SMS.Example.COM", US, "+12125550100"),
        ("a domain with its last dot", "12125550100@sms.example.com.", US, "+12125550100"),
        ("the second domain", "12125550100@text.example.com", US, "+12125550100"),
        ("any domain where none is listed", "12125550100@whatever.example", Addressing(), "+12125550100"),
    ],
)
def test_an_address_names_a_number(situation, address, how, number):
    recipient = recipient_of(address, how)
    assert (recipient.number.e164, recipient.address) == (number, address)


@pytest.mark.parametrize(
    ("situation", "address", "how", "status"),
    [
        ("a name", "bob@sms.example.com", US, "5.1.3"),
        ("at home of nowhere", "07700900123@sms.example.com", Addressing(OURS), "5.1.3"),
        ("too short", "123@sms.example.com", US, "5.1.3"),
        ("an extension", "12125550100x5@sms.example.com", US, "5.1.3"),
        ("no domain", "12125550100", US, "5.1.3"),
        ("nothing", "", US, "5.1.3"),
        ("a very long one", "1" * 400 + "@sms.example.com", US, "5.1.3"),
        ("not our domain", "12125550100@example.net", US, "5.1.2"),
        ("a domain below ours", "12125550100@x.sms.example.com", US, "5.1.2"),
        ("two domains", "12125550100@example.net@evil.example", US, "5.1.2"),
    ],
)
def test_an_address_that_names_none_is_refused_without_repeating_it(situation, address, how, status):
    with pytest.raises(BadMail) as refused:
        recipient_of(address, how)
    assert refused.value.status == status
    assert "2125550100@example" not in str(refused.value)


def test_a_sites_own_pattern_picks_the_number_out():
    how = Addressing(OURS, "US", (Pattern(r"(?i)alarm-(?P<number>[0-9]+)(?:-(?P<sender>[a-z]+))?"),))
    recipient = recipient_of("Alarm-2125550100-Pool@sms.example.com", how)
    assert (recipient.number.e164, recipient.sender) == ("+12125550100", "Pool")
    assert recipient_of("2125550101@sms.example.com", how).number.e164 == "+12125550101"


def test_a_pattern_that_takes_forever_elsewhere_takes_no_time_here():
    how = Addressing(OURS, "US", (Pattern(r"(?P<number>([0-9]+)+)x"),))
    with pytest.raises(BadMail):
        recipient_of("1" * 250 + "y@sms.example.com", how)


@pytest.mark.parametrize(
    ("profile", "address", "number", "credentials"),
    [
        ("seven", "12125550100.s3cret@sms.example.com", "+12125550100", Credentials("", "s3cret")),
        ("seven", "12125550100@sms.example.com", "+12125550100", None),
        ("puzzel", "12125550100-4711@sms.example.com", "+12125550100", Credentials("4711", "")),
        ("lox24", "77.k3y.12125550100.direct.1.2@sms.example.com", "+12125550100", Credentials("77", "k3y")),
        ("textapp", "+12125550100.1234@sms.example.com", "+12125550100", None),
    ],
)
def test_a_profile_reads_its_services_addresses(profile, address, number, credentials):
    recipient = recipient_of(address, Addressing(OURS, "US", profile=PROFILES[profile]))
    assert recipient.number.e164 == number
    assert recipient.credentials == credentials


def test_where_the_mail_names_its_numbers_any_address_of_ours_will_do():
    how = Addressing(OURS, "US", profile=PROFILES["clickatell"])
    assert recipient_of("sms@sms.example.com", how) is None
    with pytest.raises(BadMail, match="domain"):
        recipient_of("sms@example.net", how)


def test_of_several_recipients_each_number_counts_once_and_bad_ones_stop_nobody():
    addresses = ("+12125550100@sms.example.com", "bob@sms.example.com", "2125550100@sms.example.com")
    found, refused = recipients_of(Envelope("ann@example.com", addresses), US)
    assert [each.number.e164 for each in found] == ["+12125550100"]
    assert [(each.address, each.status) for each in refused] == [("bob@sms.example.com", "5.1.3")]


def test_every_profile_is_listed_by_its_name_and_says_where_it_is_described():
    assert all(profile.name == name for name, profile in PROFILES.items())
    assert all(profile.source.startswith("http") for name, profile in PROFILES.items() if name != "plain")

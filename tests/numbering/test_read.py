"""From what somebody wrote to a number."""

from __future__ import annotations

import random

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.numbering.places import NORTH_AMERICA
from gateway.numbering.read import read_number
from gateway.words.number import Number


@pytest.mark.parametrize(
    ("situation", "spelled", "country", "e164"),
    [
        ("E.164", "+12125550100", None, "+12125550100"),
        ("E.164, whatever the country", "+12125550100", "GB", "+12125550100"),
        ("a plus that became a space in a form", " 12125550100", None, "+12125550100"),
        ("bare digits are international", "12125550100", None, "+12125550100"),
        ("bare digits of another country", "447700900123", None, "+447700900123"),
        ("the international prefix of most of the world", "00447700900123", None, "+447700900123"),
        ("American, as on a card", "(212) 555-0100", "US", "+12125550100"),
        ("American, ten digits", "2125550100", "US", "+12125550100"),
        ("American, with the trunk digit", "1-212-555-0100", "US", "+12125550100"),
        ("American, with dots", "212.555.0100", "US", "+12125550100"),
        ("from America to abroad", "011 44 7700 900123", "US", "+447700900123"),
        ("British, as people write it", "07700 900123", "GB", "+447700900123"),
        ("British, without the plus", "447700900123", "GB", "+447700900123"),
        ("British, for both at home and abroad", "+44 (0)7700 900123", None, "+447700900123"),
        ("a plus in brackets", "(+44) 7700 900123", None, "+447700900123"),
        ("Dublin, at home", "015550100", "IE", "+35315550100"),
        ("Dublin, with a space", "0155 50100", "IE", "+35315550100"),
        ("an Italian zero belongs to the number", "+39 06 698 12345", None, "+390669812345"),
        ("kept for British films", "+447700900999", None, "+447700900999"),
        ("kept for French films", "06 39 98 12 34", "FR", "+33639981234"),
        ("kept for Irish films", "+353209112345", None, "+353209112345"),
        ("kept for Australian films", "+61491570006", None, "+61491570006"),
        ("kept for Swedish films", "+46701740605", None, "+46701740605"),
        ("toll-free", "+18335550100", None, "+18335550100"),
        ("an overlay that phonenumbers doesn't know yet", "+14365550100", None, "+14365550100"),
        ("the Isle of Man is no part of the United Kingdom", "+447624123456", None, "+447624123456"),
    ],
)
def test_a_number_is_read_as_its_writer_meant_it(situation, spelled, country, e164):
    number = read_number(spelled, country)
    assert number is not None
    assert number.e164 == e164


@pytest.mark.parametrize(
    ("situation", "spelled", "country"),
    [
        ("nothing", "", None),
        ("only a plus", "+", None),
        ("only a bracket", "(", "US"),
        ("national digits and no country", "07700 900123", None),
        ("a digit short", "+1212555010", None),
        ("a digit too many", "+121255501000", None),
        ("more than fifteen digits", "+1234567890123456", None),
        ("thousands of digits", "+1" + "2" * 5000, None),
        ("no exchange begins with 1", "+12121550100", None),
        ("no area code begins with 1", "+11125550100", None),
        ("an area code that nobody has", "+12225550100", None),
        ("an area code held for later", "+12925550100", None),
        ("British, but impossible", "+4477009001", None),
        ("French, but impossible", "015550100", "FR"),
        ("letters on the keys", "1-800-FLOWERS", "US"),
        ("an extension", "+12125550100x123", None),
        ("an extension, as RFC 3966 writes it", "+12125550100;ext=123", None),
        ("a word", "unknown", "US"),
        ("digits of another script", "+१२१२५५५०१००", None),
        ("full-width digits", "＋１２１２５５５０１００", None),
        ("a NUL inside", "+1212555\x000100", None),
        ("a line feed behind", "+12125550100\n", None),
        ("two numbers", "+12125550100,+12125550101", None),
        ("two pluses", "++12125550100", None),
        ("a satellite phone: no country", "+881612345678", None),
        ("freephone of the whole world: no country", "+80012345678", None),
        ("a calling code that nobody has", "+2101234567", None),
        ("a number of another country without its plus", "12125550100", "GB"),
        ("a country that there isn't", "2125550100", "XX"),
        ("a short code", "36111", "FR"),
    ],
)
def test_what_is_no_number_is_refused(situation, spelled, country):
    assert read_number(spelled, country) is None


def _north_american_numbers(count: int) -> list[str]:
    draw = random.Random(20261124)
    return [f"+1{draw.randint(200, 999)}{draw.randint(100, 999)}{draw.randint(0, 9999):04}" for _ in range(count)]


def _is_valid(e164: str) -> bool:
    return phonenumbers.is_valid_number(phonenumbers.parse(e164))


# Their exchanges are listed by phonenumbers; for us the area code is enough.
PLANS_BY_EXCHANGE = "AG AI AS BB BM BS DM GD GU JM KN KY LC MP MS SX TC TT VC VG VI"
OVERLAYS_SINCE = "357 436 457 471 483 621 624 679 729 861 924"
MACHINES = "535 538 542 543 546 547 549 550 552 553 554 556 569 578 589 644"
NOT_IN_PHONENUMBERS = set(f"{OVERLAYS_SINCE} {MACHINES}".split())


def _known_only_to_us(number: Number) -> bool:
    countries = {number.place.country, *(region[3:] for region in number.place.regions)}
    return number.e164[2:5] in NOT_IN_PHONENUMBERS or not countries.isdisjoint(PLANS_BY_EXCHANGE.split())


def test_the_fast_path_agrees_with_phonenumbers():
    numbers = _north_american_numbers(1000)
    accepted = {e164: number for e164 in numbers if (number := read_number(e164))}
    assert len(accepted) > 400
    assert [e164 for e164 in numbers if _is_valid(e164) and e164 not in accepted] == []
    assert [e164 for e164, number in accepted.items() if not _is_valid(e164) and not _known_only_to_us(number)] == []


def _country(area: str) -> str:
    numbers = (phonenumbers.parse(f"+1{area}{exchange}2345") for exchange in range(200, 1000))
    return next(filter(None, map(phonenumbers.region_code_for_number, numbers)))


def test_the_table_agrees_with_phonenumbers_on_the_country_of_an_area_code():
    ours = {area: place for area, place in NORTH_AMERICA.items() if area not in NOT_IN_PHONENUMBERS}
    theirs = {area: _country(area) for area in ours}
    wrong = [area for area, country in theirs.items() if country != ours[area].country]
    # Territories have a country code of their own in phonenumbers, and are regions of the US here.
    assert [area for area in wrong if f"US-{theirs[area]}" not in ours[area].regions] == []


def test_numbers_of_one_area_share_their_place():
    assert read_number("+12125550100").place is read_number("(212) 555-0199", "US").place
    assert read_number("+447700900123").place is read_number("07700 900124", "GB").place


countries = st.sampled_from([None, "US", "GB", "FR", "BR", "MX", "RU", "IT", "AR", "AU"])


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=40), st.text("+0123456789 ()-./;x", max_size=24)), countries)
def test_whatever_is_written_is_read_or_refused_and_a_number_reads_as_itself(spelled, country):
    number = read_number(spelled, country)
    if number is not None:
        assert read_number(number.e164) == number
        assert read_number(number.digits) == number


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)), st.booleans())
def test_a_number_of_every_country_is_read(country, national):
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    if example is None:  # a handful of places have no mobile numbers of their own
        return
    form = phonenumbers.PhoneNumberFormat.NATIONAL if national else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    number = read_number(phonenumbers.format_number(example, form), country)
    assert number is not None
    assert number.e164 == phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    assert number.place.zones

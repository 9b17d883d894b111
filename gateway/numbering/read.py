"""From what somebody wrote to an E.164 number and where it may be."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from gateway.numbering.places import NORTH_AMERICA, place_of
from gateway.words.number import Number

# Area code, exchange, line: as far as the numbering plan goes without a list of exchanges.
_NORTH_AMERICAN = re.compile(r"\+1([2-9][0-9]{2})[2-9][0-9]{6}")

# How people write numbers. No letters and no extension: who writes those doesn't mean a number that can be texted.
_SPELLING = re.compile(r"\(?\+?[0-9(][0-9 ()./-]*")
_MAX_SPELLING = 40  # characters; an E.164 number has at most 15 digits

# Kept for films and tests, and in no plan. They are read like others, since sending to them reaches nobody.
_FICTIONAL = re.compile(r"\+(?:(?P<GB>447700900[0-9]{3})|(?P<FR>3363998[0-9]{4})|(?P<IE>3532091[0-9]{5}))")


def read_number(spelled: str, country: str | None = None) -> Number | None:
    """The number, or None where none can be made of it: impossible, of no country, with letters or an extension.

    Without `country` (ISO 3166-1) bare digits are international: `447700900123`, `00447700900123`. With it they are
    as that country's people write them: `(212) 555-0100`, `07700 900123`, `011 44 7700 900123`.
    """
    written = spelled.strip(" ")
    if country is None and written[:1].isdigit():
        written = f"+{written.removeprefix('00')}"
    # Nearly every request spells it so, and phonenumbers takes 30 times as long.
    if found := _NORTH_AMERICAN.fullmatch(written):
        return _north_american(written, found[1])
    parsed = _parsed(written, country)
    return _number(parsed) if parsed else None


def _north_american(e164: str, area: str) -> Number | None:
    place = NORTH_AMERICA.get(area)
    return Number(e164, place) if place else None


def _parsed(written: str, country: str | None) -> PhoneNumber | None:
    if len(written) > _MAX_SPELLING or not _SPELLING.fullmatch(written):
        return None
    try:
        return phonenumbers.parse(written, country)
    except NumberParseException:
        return None


def _number(parsed: PhoneNumber) -> Number | None:
    e164 = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    if found := _NORTH_AMERICAN.fullmatch(e164):
        return _north_american(e164, found[1])
    country = _country(e164, parsed)
    return Number(e164, place_of(parsed, country)) if country else None


def _country(e164: str, parsed: PhoneNumber) -> str | None:
    """ISO 3166-1; None where the number is in no plan, or in that of satellites and the like."""
    if found := _FICTIONAL.fullmatch(e164):
        return found.lastgroup
    country = phonenumbers.region_code_for_number(parsed)
    if country is None or country == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY:
        return None
    return country if phonenumbers.is_valid_number_for_region(parsed, country) else None

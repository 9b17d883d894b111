"""Where a number may be: by area code in North America and Brazil, by country elsewhere.

Places are few and shared; nothing here remembers a number. All that is possible is listed, because an hour must be
right in every zone where the recipient may be.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from phonenumbers import PhoneNumber
from phonenumbers.timezone import time_zones_for_geographical_number

from gateway.numbering.zones import zones_of_country
from gateway.words.number import Place


def _table(name: str) -> Iterator[tuple[str, Place]]:
    """The rows of a shipped table, area code first; what doesn't begin with one is a comment or the heading."""
    lines = files(__package__).joinpath(name).read_text("ascii").splitlines()
    for row in csv.reader(line for line in lines if line[:1].isdigit()):
        code, country, regions, zones = row
        yield code, Place(country, tuple(regions.split()), tuple(zones.split()))


NORTH_AMERICA = dict(_table("nanp.csv"))  # "212" -> New York
BRAZIL = dict(_table("brazil.csv"))  # "11" -> Sao Paulo


def place_of(number: PhoneNumber, country: str) -> Place:
    """Where a number of that country (ISO 3166-1) outside North America may be."""
    if country == "BR":
        return BRAZIL.get(str(number.national_number)[:2]) or _country(country)
    if country == "MX":
        return _area(country, time_zones_for_geographical_number(number))
    return _country(country)


@cache
def _country(country: str) -> Place:
    """All of a country, whatever its area codes say: mobile numbers mostly have none, and fixed ones move."""
    return Place(country, zones=zones_of_country(country))


@cache
def _area(country: str, zones: tuple[str, ...]) -> Place:
    """A part of a country; all of it where one of the zones isn't in it, since then the evidence is poor."""
    return Place(country, zones=zones) if set(zones) <= set(zones_of_country(country)) else _country(country)


def supplied(place: Place, zone: str | None = None, region: str | None = None) -> Place:
    """The place with a zone or region that is known from elsewhere: consent, program, import.

    They replace the guess of the clock; the number's own regions stay beside the supplied one, for their rules still
    bind.
    """
    regions = place.regions if region is None or region in place.regions else (*place.regions, region)
    zones = (zone,) if zone else zones_of_region(region) if region else ()
    return Place(place.country, regions, zones or place.zones)


@cache
def zones_of_region(region: str) -> tuple[str, ...]:
    """Every zone of a region (ISO 3166-2) whose area codes are known; empty for others."""
    within = [place.zones for place in (*NORTH_AMERICA.values(), *BRAZIL.values()) if place.regions == (region,)]
    return tuple(dict.fromkeys(zone for zones in within for zone in zones))

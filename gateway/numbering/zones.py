"""Time zones from the `tzdata` package, never from the system, whose data may be a year of laws behind."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tzdata  # type: ignore[import-untyped]

TZDATA_VERSION: str = tzdata.IANA_VERSION  # as IANA names its releases: 2026c

_VERSION = re.compile(r'^IANA_VERSION = "(\w+)"', re.MULTILINE)
_DATA = files(tzdata) / "zoneinfo"

# Where the list of zones by country says nothing, or more than the clock that the country's phones go by.
_BY_HAND = {
    "AC": ("Atlantic/St_Helena",),
    "CN": ("Asia/Shanghai",),  # one legal time; Asia/Urumqi is a custom of Xinjiang
    "TA": ("Atlantic/St_Helena",),
    "UA": ("Europe/Kyiv",),  # Ukraine's numbers no longer work in the Crimea (Europe/Simferopol)
    "XK": ("Europe/Belgrade",),
}


def standing() -> str:
    """The version that this process goes by, and the one on the disk, where that is another by now."""
    found = _VERSION.search((files(tzdata) / "__init__.py").read_text("utf-8"))
    if found is None or found[1] == TZDATA_VERSION:
        return f"tzdata {TZDATA_VERSION}"
    return f"tzdata {TZDATA_VERSION}; {found[1]} is installed: restart to go by it"


@cache
def names() -> frozenset[str]:
    """Every zone name there is, old spellings included."""
    return frozenset((files(tzdata) / "zones").read_text("ascii").split())


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of that IANA name; ZoneInfoNotFoundError where there is none."""
    if name not in names():
        raise ZoneInfoNotFoundError(f"no time zone is named {name!r}; write one as IANA does: America/New_York")
    with _DATA.joinpath(*name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


@cache
def _by_country() -> dict[str, tuple[str, ...]]:
    zones: dict[str, tuple[str, ...]] = {}
    for line in (_DATA / "zone.tab").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            country, _, name = line.split("\t")[:3]
            zones[country] = (*zones.get(country, ()), name)
    return zones | _BY_HAND


def zones_of_country(country: str) -> tuple[str, ...]:
    """Every zone of a country (ISO 3166-1); empty where none is known."""
    return _by_country().get(country, ())

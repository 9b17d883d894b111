"""Zones come from the tzdata package, whatever the system has."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfoNotFoundError

import phonenumbers
import pytest

from gateway.numbering.zones import TZDATA_VERSION, names, zone, zones_of_country


@pytest.fixture
def stale_system(tmp_path):
    """A system whose New York is in Etc/UTC."""
    path = tmp_path / "America" / "New_York"
    path.parent.mkdir()
    path.write_bytes(_utc())
    zoneinfo.reset_tzpath([tmp_path])
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath()
    zoneinfo.ZoneInfo.clear_cache()


def _utc() -> bytes:
    """An empty TZif file of version 1: UTC for ever (RFC 9636)."""
    counts = (0, 0, 0, 0, 1, 4)
    return b"TZif" + bytes(16) + b"".join(n.to_bytes(4, "big") for n in counts) + bytes(6) + b"UTC\0"


NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def test_the_system_is_not_asked(stale_system):
    zone.cache_clear()
    assert NOON.astimezone(zoneinfo.ZoneInfo("America/New_York")).hour == 12
    assert NOON.astimezone(zone("America/New_York")).hour == 7


@pytest.mark.parametrize(
    ("place", "hour"),
    [("America/Edmonton", 6), ("America/Vancouver", 5), ("Africa/Casablanca", 12), ("Asia/Kolkata", 17)],
)
def test_the_laws_of_2026_are_known(place, hour):
    assert NOON.astimezone(zone(place)).hour == hour


def test_every_zone_can_be_read():
    assert len(names()) > 500
    assert all(zone(name).key == name for name in names())


@pytest.mark.parametrize("name", ["", "America", "America/Atlantis", "../zones", "/etc/localtime", "america/new_york"])
def test_what_is_no_zone_is_refused(name):
    with pytest.raises(ZoneInfoNotFoundError, match="no time zone"):
        zone(name)


def test_the_version_is_as_iana_names_it():
    assert TZDATA_VERSION >= "2026c"


def test_every_country_with_phones_has_zones_that_exist():
    zones = {country: set(zones_of_country(country)) for country in phonenumbers.SUPPORTED_REGIONS}
    assert [country for country, its in zones.items() if not its or not its <= names()] == []


def test_zones_of_a_country_differ():
    assert len(zones_of_country("RU")) > 20
    offsets = {NOON.astimezone(zone(name)).utcoffset() for name in zones_of_country("RU")}
    assert timedelta(hours=2) in offsets
    assert timedelta(hours=12) in offsets


def test_no_country_has_no_zones():
    assert zones_of_country("XX") == ()

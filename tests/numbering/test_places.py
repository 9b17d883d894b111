"""Where a number may be: every zone that is possible, and no other."""

from __future__ import annotations

import pytest

from gateway.numbering.places import BRAZIL, NORTH_AMERICA
from gateway.numbering.read import read_number
from gateway.numbering.zones import names

PLACES = {**{f"1{area}": place for area, place in NORTH_AMERICA.items()}, **{f"55{a}": p for a, p in BRAZIL.items()}}
TOLL_FREE = "800 833 844 855 866 877 888"
PERSONAL = "500 521 522 523 524 525 526 527 528 529 532 533 544 566 577 588"
MACHINES = "535 538 542 543 546 547 549 550 552 553 554 556 569 578 589"
CANADIAN = "600 622 633 644"
PREMIUM = "900"
WITHOUT_GEOGRAPHY = {f"1{area}" for area in f"{TOLL_FREE} {PERSONAL} {MACHINES} {CANADIAN} {PREMIUM}".split()}
STATES = """
    AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV NY OH OK OR
    PA RI SC SD TN TX UT VA VT WA WI WV WY AS GU MP PR VI
"""
PROVINCES = "AB BC MB NB NL NS NT NU ON PE QC SK YT"


def test_every_area_code_has_a_zone_unless_it_is_without_geography():
    assert {code for code, place in PLACES.items() if not place.zones} == WITHOUT_GEOGRAPHY


def test_every_zone_of_an_area_code_exists():
    assert {zone for place in PLACES.values() for zone in place.zones} <= names()


def test_a_region_is_in_its_country():
    assert all(region.startswith(f"{place.country}-") for place in PLACES.values() for region in place.regions)


def test_every_state_and_province_has_an_area_code():
    regions = {region for place in NORTH_AMERICA.values() for region in place.regions}
    assert regions == {f"US-{state}" for state in STATES.split()} | {f"CA-{province}" for province in PROVINCES.split()}


def test_all_states_of_brazil_have_an_area_code():
    assert len({region for place in BRAZIL.values() for region in place.regions}) == 27


EASTERN, CENTRAL, MOUNTAIN, PACIFIC = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"


@pytest.mark.parametrize(
    ("situation", "number", "country", "regions", "zones"),
    [
        ("Pensacola to Tallahassee", "+18505550100", "US", "US-FL", {EASTERN, CENTRAL}),
        ("its overlay", "+14485550100", "US", "US-FL", {EASTERN, CENTRAL}),
        ("Miami", "+13055550100", "US", "US-FL", {EASTERN}),
        ("Idaho on both sides of the Salmon", "+12085550100", "US", "US-ID", {PACIFIC, "America/Boise"}),
        ("Nebraska with the west of Cherry County", "+15315550100", "US", "US-NE", {CENTRAL, MOUNTAIN}),
        ("Kansas", "+17855550100", "US", "US-KS", {CENTRAL, MOUNTAIN}),
        ("Oregon with Malheur County", "+15415550100", "US", "US-OR", {PACIFIC, "America/Boise"}),
        ("Portland", "+15035550100", "US", "US-OR", {PACIFIC}),
        ("Nevada with West Wendover", "+17755550100", "US", "US-NV", {PACIFIC, MOUNTAIN}),
        ("Las Vegas", "+17025550100", "US", "US-NV", {PACIFIC}),
        ("El Paso", "+19155550100", "US", "US-TX", {MOUNTAIN}),
        ("Midland, with a corner of Culberson County", "+14325550100", "US", "US-TX", {CENTRAL, MOUNTAIN}),
        ("Arizona with the Navajo Nation", "+19285550100", "US", "US-AZ", {"America/Phoenix", MOUNTAIN}),
        ("Phoenix", "+16025550100", "US", "US-AZ", {"America/Phoenix"}),
        ("Chattanooga and beyond", "+14235550100", "US", "US-TN", {EASTERN, CENTRAL}),
        ("the middle of Tennessee", "+19315550100", "US", "US-TN", {EASTERN, CENTRAL}),
        ("Phenix City lives on Georgia's time", "+13345550100", "US", "US-AL", {EASTERN, CENTRAL}),
        ("the border of Wisconsin", "+19065550100", "US", "US-MI", {"America/Detroit", "America/Menominee"}),
        ("Honolulu", "+18085550100", "US", "US-HI", {"Pacific/Honolulu"}),
        ("Puerto Rico is bound by federal rules", "+17875550100", "US", "US-PR", {"America/Puerto_Rico"}),
        ("Guam", "+16715550100", "US", "US-GU", {"Pacific/Guam"}),
        ("Jamaica is not the US", "+18765550100", "JM", "", {"America/Jamaica"}),
        ("the Bahamas", "+12425550100", "BS", "", {"America/Nassau"}),
        ("toll-free is anywhere", "+18005550100", "US", "", set()),
        ("Nova Scotia and Prince Edward Island", "+19025550100", "CA", "CA-NS CA-PE",
         {"America/Halifax", "America/Glace_Bay"}),
        ("Newfoundland and Labrador", "+17095550100", "CA", "CA-NL", {"America/St_Johns", "America/Goose_Bay"}),
        ("Saskatchewan with Lloydminster", "+13065550100", "CA", "CA-SK",
         {"America/Regina", "America/Swift_Current", "America/Edmonton"}),
        ("Thunder Bay and west of it", "+18075550100", "CA", "CA-ON",
         {"America/Toronto", "America/Winnipeg", "America/Atikokan"}),
        ("Quebec with the islands of the gulf", "+14185550100", "CA", "CA-QC",
         {"America/Toronto", "America/Halifax", "America/Blanc-Sablon"}),
        ("Montreal", "+15145550100", "CA", "CA-QC", {"America/Toronto"}),
        ("Vancouver", "+16045550100", "CA", "CA-BC", {"America/Vancouver"}),
        ("London", "+447700900123", "GB", "", {"Europe/London"}),
        ("Jersey", "+447797712345", "JE", "", {"Europe/Jersey"}),
        ("Paris", "+33639981234", "FR", "", {"Europe/Paris"}),
        ("Reunion has a code of its own", "+262692123456", "RE", "", {"Indian/Reunion"}),
        ("Spain with the Canaries", "+34612345678", "ES", "", {"Europe/Madrid", "Africa/Ceuta", "Atlantic/Canary"}),
        ("Portugal with the Azores", "+351912345678", "PT", "",
         {"Europe/Lisbon", "Atlantic/Madeira", "Atlantic/Azores"}),
        ("Chile with Easter Island", "+56961234567", "CL", "",
         {"America/Santiago", "America/Coyhaique", "America/Punta_Arenas", "Pacific/Easter"}),
        ("Ecuador with the Galapagos", "+593991234567", "EC", "", {"America/Guayaquil", "Pacific/Galapagos"}),
        ("New Zealand with Chatham", "+64211234567", "NZ", "", {"Pacific/Auckland", "Pacific/Chatham"}),
        ("Indonesia", "+628123456789", "ID", "",
         {"Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura"}),
        ("China has one time", "+8613812345678", "CN", "", {"Asia/Shanghai"}),
        ("Ukraine", "+380501234567", "UA", "", {"Europe/Kyiv"}),
        ("Kosovo", "+38343201234", "XK", "", {"Europe/Belgrade"}),
        ("Sao Paulo", "+5511987654321", "BR", "BR-SP", {"America/Sao_Paulo"}),
        ("Acre", "+5568987654321", "BR", "BR-AC", {"America/Rio_Branco"}),
        ("western Amazonas is an hour behind", "+5597987654321", "BR", "BR-AM", {"America/Manaus", "America/Eirunepe"}),
        ("Brasilia and towns around it", "+5561987654321", "BR", "BR-DF BR-GO", {"America/Sao_Paulo"}),
        ("Cancun", "+529981234567", "MX", "", {"America/Cancun"}),
        ("Mexico City", "+525512345678", "MX", "", {"America/Mexico_City"}),
    ],
)  # fmt: skip
def test_a_number_may_be_here_and_nowhere_else(situation, number, country, regions, zones):
    place = read_number(number).place
    assert place.country == country
    assert place.regions == tuple(regions.split())
    assert set(place.zones) == zones


@pytest.mark.parametrize(
    ("number", "some"),
    [
        ("+19075550100", {"America/Anchorage", "America/Adak"}),
        ("+18675550100", {"America/Whitehorse", "America/Rankin_Inlet", "America/Iqaluit"}),
        ("+12505550100", {"America/Vancouver", "America/Edmonton"}),
        ("+18125550100", {"America/Indiana/Indianapolis", "America/Chicago"}),
        ("+12705550100", {"America/Chicago", "America/Kentucky/Louisville"}),
        ("+17015550100", {"America/Chicago", "America/Denver"}),
        ("+79161234567", {"Europe/Kaliningrad", "Europe/Moscow", "Asia/Kamchatka"}),
        ("+61412345678", {"Australia/Perth", "Australia/Sydney", "Australia/Lord_Howe"}),
    ],
)
def test_a_number_of_a_wide_area_has_its_ends(number, some):
    assert some <= set(read_number(number).place.zones)

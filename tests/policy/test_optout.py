"""What a bare STOP ends, and by when, is what the strictest policy of its country says."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.policy.optout import Confirming, Deadline, OptOut, Reach, strictest
from gateway.words.program import Program
from gateway.yamlfile import BadFile
from tests.policy.people import SHIPPED, SHOP, book

CLUB, NAMELESS = Program("club", brand="Example"), Program("default")
NEW_YORK = ZoneInfo("America/New_York")

SCOPES = [
    (Reach.SITE, CLUB, "all"),
    (Reach.BRAND, CLUB, "brand:Example"),
    (Reach.BRAND, NAMELESS, "all"),
    (Reach.PROGRAM, CLUB, "program:club"),
    (Reach.SENDER, CLUB, "sender:+18335550100"),
]


@pytest.mark.parametrize(("reach", "program", "scope"), SCOPES)
def test_an_opt_out_ends_what_the_policy_says(reach: Reach, program: Program, scope: str) -> None:
    assert OptOut(reach).scope(program, SHOP) == scope


def test_of_several_policies_the_widest_reach_and_the_earliest_day_count() -> None:
    law = OptOut(Reach.SITE, Confirming.MAY, asks=True, deadline=Deadline(10, business=True))
    carriers = OptOut(Reach.PROGRAM, Confirming.MUST, asks=True, deadline=Deadline(3))
    assert strictest([law, carriers]) == OptOut(Reach.SITE, Confirming.MUST, asks=True, deadline=Deadline(3))
    assert strictest([carriers, law]) == strictest([law, carriers])
    assert strictest([]) == OptOut(Reach.SITE)


DEADLINES = [
    ("at once: by the end of the day", Deadline(0), "2026-11-25T23:30:00-05:00", "2026-11-26"),
    ("days of the calendar", Deadline(2), "2026-11-25T12:00:00-05:00", "2026-11-28"),
    ("Thanksgiving and the weekend don't count", Deadline(2, business=True), "2026-11-25T12:00:00-05:00", "2026-12-01"),
    ("the day is the recipient's", Deadline(1), "2026-11-26T04:30:00+00:00", "2026-11-27"),
]


@pytest.mark.parametrize(("deadline", "said", "end"), [row[1:] for row in DEADLINES], ids=[row[0] for row in DEADLINES])
def test_the_days_are_those_of_the_place(deadline: Deadline, said: str, end: str) -> None:
    ends = deadline.after(datetime.fromisoformat(said), "US", NEW_YORK)
    assert ends.isoformat()[:19] == f"{end}T00:00:00"
    assert ends.tzinfo is NEW_YORK


def test_every_country_has_an_answer_and_those_without_a_policy_the_generic_one() -> None:
    assert SHIPPED.opt_out("US").reach is Reach.SITE
    assert SHIPPED.opt_out("US").confirm is Confirming.MUST
    assert SHIPPED.opt_out("VN").reach is Reach.PROGRAM
    assert SHIPPED.opt_out("KZ") == SHIPPED.opt_out("UZ")
    assert SHIPPED.opt_out("KZ").deadline == Deadline(1)


def test_a_file_may_say_only_this() -> None:
    only = book("policy: site\ncountry: US\nopt_out: {ends: brand, cite: our own terms, deadline: at once}\n")
    assert only.opt_out("US") == OptOut(Reach.BRAND, deadline=Deadline(0))


def test_what_cannot_be_read_is_told_with_its_place() -> None:
    with pytest.raises(BadFile, match="write at once, 21 days or 10 business days") as told:
        book("policy: site\ncountry: US\nopt_out: {cite: x, deadline: soon}\n")
    assert told.value.problems[0].line == 3


def test_the_instant_is_aware() -> None:
    assert Deadline(1).after(datetime(2026, 1, 1, tzinfo=UTC), "US", NEW_YORK).utcoffset() is not None

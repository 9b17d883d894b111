"""Which reply is which: what was done for one is not done twice, and each of two is heard."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.conversation import Turn
from gateway.delivery.upstream import Upstream
from gateway.dialects.kannel.dialect import Kannel
from gateway.numbering.read import read_number
from gateway.policy.hear import heard
from gateway.words.message import Inbound
from gateway.words.program import DEFAULT_PROGRAM

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def turn(id_: str, at: datetime) -> Turn:
    inbound, number = Inbound(id_, "+12125550100", "+18335550100", "HELP"), read_number("+12125550100")
    assert number
    hearing = heard(inbound, "US", DEFAULT_PROGRAM.replies, frozenset())
    return Turn(inbound, Upstream("kannel", Kannel(), None), number, DEFAULT_PROGRAM, hearing, at)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("situation", "first", "second", "same"),
    [
        ("a carrier calls again with the same id", "a", "a", True),
        ("another id", "a", "b", False),
        ("a carrier that gives none, so that each call is a reply of its own", "", "", False),
    ],
)
def test_a_reply_is_known_by_its_id_or_by_when_it_came(situation: str, first: str, second: str, same: bool) -> None:
    one, another = turn(first, NOON), turn(second, NOON + timedelta(seconds=1))
    assert (one.name == another.name) is same

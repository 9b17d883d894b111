"""A checker that finds nothing proves nothing: it finds every kind of broken promise."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.torture.checker import (
    Accepted,
    Doubted,
    Evidence,
    Moved,
    Refused,
    Silence,
    Taken,
    Violation,
    lost_in_fail_over,
    violations,
)

ANN, LEA = "+12125550100", "+12135550100"
ZONES = {ANN: ZoneInfo("America/New_York"), LEA: ZoneInfo("America/Los_Angeles")}
NIGHT, DAY = 1000.0, 2000.0  # when the clock was moved to half past eleven at night, and to nine in the morning
MOVES = [
    Moved(NIGHT, datetime.fromisoformat("2026-06-10T23:30:00-04:00")),
    Moved(DAY, datetime.fromisoformat("2026-06-11T09:00:00-04:00")),
]
DROPPED = {"kind": "message", "message": "id1", "fate": "dropped"}
CANCELED = {"kind": "dropped", "message": "id1"}
HASTY = Accepted("k1", "id1", at=NIGHT, valid=timedelta(minutes=1))
REFUSED = {"kind": "message", "message": "id1", "fate": "refused"}


def seen(**what: object) -> Evidence:
    evidence = Evidence(ZONES, list(MOVES), accepted=[Accepted("k1", "id1")], hurt={7}, lost_calls={"k7"})
    return replace(evidence, **what)


def taken(at: float, recipient: str = ANN) -> Taken:
    return Taken("k1", recipient, at)


def stopped(since: float, until: float = float("inf")) -> dict[str, list[Silence]]:
    return {ANN: [Silence(since, until)]}


@pytest.mark.parametrize(
    ("situation", "evidence"),
    [
        ("sent once in the morning", seen(taken=[taken(DAY + 1)])),
        ("began just before the clock went back into the night", seen(
            moves=[*MOVES, Moved(DAY + 9, MOVES[0].to)], taken=[taken(DAY + 10)]
        )),
        ("dropped on record", seen(audit=[DROPPED])),
        ("refused by the carrier, on record", seen(audit=[REFUSED])),
        ("canceled, on record", seen(audit=[CANCELED])),
        ("canceled, and the client knows", seen(canceled=["k1"])),
        ("the client asked to cancel it, and its worker died", seen(cancel_asked=["k1"])),
        ("a cancellation that came too late", seen(cancel_asked=["k1"], taken=[taken(DAY + 1)])),
        ("in doubt, its worker was hurt", seen(doubted=[Doubted("k1", 7)])),
        ("in doubt and at the carrier", seen(doubted=[Doubted("k1", 7)], taken=[taken(DAY + 1)])),
        ("in doubt, its call was lost", seen(accepted=[], doubted=[Doubted("k7", 8)])),
        ("sent, then the recipient opts out", seen(taken=[taken(DAY + 1)], silences=stopped(DAY + 2))),
        ("began just before the opt-out was acknowledged", seen(taken=[taken(DAY + 2)], silences=stopped(DAY + 1))),
        ("the recipient opts in again, and it is sent", seen(
            taken=[taken(DAY + 30)], silences=stopped(NIGHT, until=DAY + 29)
        )),
        ("sent while it was good, if only just", seen(
            accepted=[HASTY._replace(at=DAY)], taken=[taken(DAY + 63)]
        )),
        ("good until after the night", seen(
            accepted=[HASTY._replace(valid=timedelta(hours=10))], taken=[taken(DAY + 9)]
        )),
        ("refused by one that died before it could take it back", seen(
            accepted=[], refused=[Refused("k1", 7)], taken=[taken(DAY + 1)]
        )),
        ("nobody was told that it is accepted, and it left", seen(accepted=[], taken=[taken(DAY + 1)])),
    ],
)  # fmt: skip
def test_a_round_that_keeps_every_promise_is_good(situation: str, evidence: Evidence) -> None:
    assert violations(evidence) == []


@pytest.mark.parametrize(
    ("promise", "evidence"),
    [
        ("what is accepted is sent, dropped for a recorded reason, or in doubt", seen()),
        ("what is accepted is sent, dropped for a recorded reason, or in doubt", seen(
            audit=[{"kind": "message", "message": "id1", "fate": "held"}, DROPPED | {"message": "id2"}]
        )),
        ("nothing is sent twice", seen(taken=[taken(DAY + 1), taken(DAY + 2)])),
        ("nothing is sent in forbidden hours", seen(taken=[taken(NIGHT + 1)])),
        ("nothing is sent in forbidden hours", seen(taken=[taken(DAY + 10, LEA)])),
        ("nothing is sent after an opt-out", seen(taken=[taken(DAY + 30)], silences=stopped(NIGHT))),
        ("nothing is sent after an opt-out", seen(taken=[taken(DAY + 1)], silences=stopped(DAY - 1))),
        ("nothing is sent after an opt-out", seen(
            taken=[taken(DAY + 30)], silences={ANN: [Silence(NIGHT, NIGHT + 9), Silence(DAY, DAY + 31)]}
        )),
        ("no acknowledged opt-out is missing", seen(taken=[taken(DAY + 1)], forgotten=["k1"])),
        ("nothing is sent that has expired", seen(accepted=[HASTY], taken=[taken(DAY + 5)])),
        ("what is dropped is not sent", seen(taken=[taken(DAY + 1)], audit=[DROPPED])),
        ("what is dropped is not sent", seen(taken=[taken(DAY + 1)], canceled=["k1"])),
        ("what is refused is not sent", seen(accepted=[], refused=[Refused("k1", 8)], taken=[taken(DAY + 1)])),
        ("in doubt is only what lost its worker or its call", seen(doubted=[Doubted("k1", 8)])),
        ("once all is well the outbox empties", seen(waiting=["k1"])),
        ("what is accepted is sent, dropped for a recorded reason, or in doubt", seen(
            accepted=[Accepted("k1", "id1", at=DAY)], promoted=[(DAY + 9, DAY + 12)]
        )),
        ("nothing is sent after an opt-out", seen(
            taken=[taken(DAY + 1)], silences=stopped(DAY - 1), promoted=[(DAY, DAY + 2)]
        )),
    ],
)  # fmt: skip
def test_each_broken_promise_is_found_and_no_other(promise: str, evidence: Evidence) -> None:
    assert violations(evidence) == [Violation(promise, "k1")]


@pytest.mark.parametrize(
    "evidence",
    [
        seen(accepted=[Accepted("k1", "id1", at=DAY)], promoted=[(DAY - 1, DAY + 3)]),
        seen(taken=[taken(DAY + 1), taken(DAY + 9)], promoted=[(DAY, DAY + 4)]),
    ],
    ids=["accepted just before a fail-over, and gone", "settled just before a fail-over, and sent again"],
)
def test_what_replication_may_forget_is_counted_apart(evidence: Evidence) -> None:
    assert violations(evidence) == []
    assert [each.key for each in lost_in_fail_over(evidence)] == ["k1"]

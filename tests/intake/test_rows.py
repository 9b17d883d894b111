"""What a row says: who is suppressed, who agreed. In doubt somebody is suppressed, and nobody agreed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.columns import CONSENTS, SUPPRESSIONS, recognised
from gateway.intake.consents import ConsentRows
from gateway.intake.instants import instant_of
from gateway.intake.reading import RowRejected, Spelling, number_in
from gateway.intake.suppressions import SuppressionRows
from gateway.words.facts import ConsentKind, SuppressionKind
from gateway.words.ledger import Happened
from gateway.words.program import Category

NOW = datetime(2026, 6, 10, 16, tzinfo=UTC)
THEN = datetime(2025, 4, 28, 12, 0, 38, tzinfo=UTC)
ANN = "+12125550100"
US, ABROAD, UNSAID = Spelling("US"), Spelling(international=True), Spelling()


@pytest.mark.parametrize(
    ("written", "spelling", "e164"),
    [
        ("+12125550100", UNSAID, ANN),
        (" +1 (212) 555-0100 ", UNSAID, ANN),
        ("'+12125550100", UNSAID, ANN),
        ('="+12125550100"', UNSAID, ANN),
        ("0012125550100", UNSAID, ANN),
        ("2125550100", US, ANN),
        ("12125550100.0", US, ANN),
        ("12125550100", ABROAD, ANN),
        ("447700900123", ABROAD, "+447700900123"),
        ("07700 900123", Spelling("GB"), "+447700900123"),
    ],
)
def test_a_number_is_read_as_it_is_meant(written, spelling, e164):
    assert number_in(written, spelling).e164 == e164


@pytest.mark.parametrize(
    ("written", "spelling", "why"),
    [
        ("", UNSAID, "no number"),
        ("2125550100", UNSAID, "--country"),
        ("1.21256E+10", US, "rounded"),
        ("Ann", US, "no phone number"),
        ("555-0100", US, "no phone number"),
        ("+12125550100 ext 7", US, "no phone number"),
    ],
)
def test_what_could_be_somebody_elses_number_is_rejected(written, spelling, why):
    with pytest.raises(RowRejected, match=why) as rejected:
        number_in(written, spelling)
    assert not written or written not in str(rejected.value)


@pytest.mark.parametrize(
    "written",
    [
        "2025-04-28T12:00:38Z",
        "2025-04-28 12:00:38",
        "2025-04-28 12:00:38 UTC",
        "2025-04-28T14:00:38+02:00",
        "1745841638",
        "1745841638000",
        "Mon, 28 Apr 2025 12:00:38 +0000",
        "28.04.2025 12:00:38",
        "4/28/2025 12:00:38",
        "28/4/2025 12:00:38 PM",
    ],
)
def test_an_instant_is_read_in_every_usual_form(written):
    assert instant_of(written) == THEN


@pytest.mark.parametrize("written", ["", "yesterday", "03/04/2025", "2025-13-01", "99999999999999"])
def test_a_day_that_can_be_read_in_two_ways_is_none(written):
    assert instant_of(written) is None


@given(st.text(max_size=40))
def test_any_text_is_an_instant_with_a_zone_or_none(written):
    at = instant_of(written)
    assert at is None or at.tzinfo is not None


def suppressed(header: str, row: str, scope: str = "all"):
    columns = recognised(header.split(","), SUPPRESSIONS, {})
    rows = SuppressionRows(columns, UNSAID, SuppressionKind.OPT_OUT, scope, NOW, NOW)
    return rows.read(row.split(","))[1]


@pytest.mark.parametrize(
    ("situation", "header", "row", "said"),
    [
        ("nothing but a number", "to", ANN, ("opt-out", "all", "import", NOW)),
        ("when it was", "to,created_at", f"{ANN},2025-04-28 12:00:38", ("opt-out", "all", "import", THEN)),
        ("nobody can tell when", "to,date", f"{ANN},03/04/2025", ("opt-out", "all", "import", NOW)),
        ("a time to come", "to,date", f"{ANN},2099-01-01", ("opt-out", "all", "import", NOW)),
        ("a kind in others' words", "to,type", f"{ANN},Hard Bounce", ("bounce", "all", "import", NOW)),
        ("a sender, which is not asked for", "to,from", f"{ANN},SHOP", ("opt-out", "all", "import", NOW)),
        ("a scope of its own", "to,scope", f"{ANN},program:club", ("opt-out", "program:club", "import", NOW)),
        ("a source of its own", "to,source", f"{ANN},keyword", ("opt-out", "all", "keyword", NOW)),
        ("a status that nobody knows", "to,status", f"{ANN},delivered", ("opt-out", "all", "import", NOW)),
        ("an empty mark", "to,opted_out", f"{ANN},", ("opt-out", "all", "import", NOW)),
    ],
)
def test_a_row_suppresses(situation, header, row, said):
    one = suppressed(header, row)
    assert (one.kind, one.scope, one.source, one.at) == said


def test_a_scope_can_be_that_of_a_column_and_is_everything_where_the_column_is_empty():
    assert suppressed("to,from", f"{ANN},SHOP", scope="sender").scope == "sender:SHOP"
    assert suppressed("to,from", f"{ANN},", scope="sender").scope == "all"


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("to,status", f"{ANN},opt-in"),
        ("to,subscribed", f"{ANN},yes"),
        ("to,opted_out", f"{ANN},false"),
        ("to,kind", f"{ANN},liked"),
    ],
)
def test_a_row_that_says_the_opposite_or_what_nobody_knows_is_rejected(header, row):
    with pytest.raises(RowRejected):
        suppressed(header, row)


ROWS = ConsentRows(
    {}, UNSAID, ConsentKind.EXPRESS, None, NOW, "club", frozenset({"club"}), "import", (Category.MARKETING,)
)


def entered(header: str, row: str):
    return replace(ROWS, columns=recognised(header.split(","), CONSENTS, {})).read(row.split(","))[1]


def test_a_row_of_consent_says_what_to_when_how_and_by_which_words():
    entry = entered(
        "phone,kind,date,source,for,confirmed,wording,ip",
        f"{ANN},express-written,2025-04-28 12:00:38,checkbox,marketing otp,yes,Yes please,192.0.2.1",
    )
    what = entry.what
    assert (what.kind, what.at, what.method) == (ConsentKind.EXPRESS_WRITTEN, THEN, "checkbox")
    assert (what.categories, what.confirmed, what.wording) == ((Category.MARKETING, Category.OTP), True, "Yes please")
    assert (entry.happened, entry.actor, entry.evidence.ip) == (Happened.GIVEN, "import", "192.0.2.1")


def test_what_was_taken_back_is_taken_back_here():
    entry = entered("number,happened,at", f"{ANN},withdrawn,2025-04-28 12:00:38")
    assert (entry.happened, entry.what.at, set(entry.what.categories)) == (Happened.WITHDRAWN, THEN, set(Category))


@pytest.mark.parametrize(
    ("situation", "header", "row"),
    [
        ("nobody knows when", "phone", ANN),
        ("a time that can be read in two ways", "phone,date", f"{ANN},03/04/2025"),
        ("a time to come", "phone,date", f"{ANN},2099-01-01"),
        ("opted out", "phone,status,date", f"{ANN},UNSUBSCRIBED,2025-04-28"),
        ("a status that nobody knows", "phone,status,date", f"{ANN},pending,2025-04-28"),
        ("an empty status", "phone,status,date", f"{ANN},,2025-04-28"),
        ("a kind that there is not", "phone,kind,date", f"{ANN},implied,2025-04-28"),
        ("a program that there is not", "phone,program,date", f"{ANN},golf,2025-04-28"),
        ("a category that there is not", "phone,for,date", f"{ANN},fun,2025-04-28"),
        ("an end that can't be understood", "phone,expires,date", f"{ANN},soon,2025-04-28"),
        ("asked for only", "phone,happened,date", f"{ANN},requested,2025-04-28"),
    ],
)
def test_in_doubt_nobody_agreed(situation, header, row):
    with pytest.raises(RowRejected):
        entered(header, row)

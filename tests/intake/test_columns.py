"""What the columns of vendors' exports are taken for."""

from __future__ import annotations

import pytest

from gateway.intake.columns import CONSENTS, SUPPRESSIONS, BadColumns, Meaning, has_header, recognised

ANN = "+12125550100"


@pytest.mark.parametrize(
    ("vendor", "header", "columns"),
    [
        (
            "Telnyx's opt-outs",
            "from,to,messaging_profile_id,keyword,created_at",
            {Meaning.SENDER: 0, Meaning.NUMBER: 1, Meaning.REASON: 3, Meaning.AT: 4},
        ),
        (
            "AWS's opt-out list",
            "OptedOutNumber,OptedOutTimestamp,EndUserOptedOut",
            {Meaning.NUMBER: 0, Meaning.AT: 1},
        ),
        (
            "Twilio's consents",
            "contact_id,correlation_id,sender_id,status,source,date_of_consent",
            {Meaning.NUMBER: 0, Meaning.SENDER: 2, Meaning.OPTED_IN: 3, Meaning.SOURCE: 4, Meaning.AT: 5},
        ),
        (
            "Twilio's log of messages",
            "From,To,Body,Status,SentDate",
            {Meaning.SENDER: 0, Meaning.NUMBER: 1, Meaning.REASON: 2, Meaning.OPTED_IN: 3, Meaning.AT: 4},
        ),
        (
            "Klaviyo's profiles",
            "Email,Klaviyo ID,Phone Number,SMS Consent,SMS Consent Timestamp",
            {Meaning.NUMBER: 2, Meaning.OPTED_IN: 3, Meaning.AT: 4},
        ),
        ("a spreadsheet", "Name;Handynummer;Datum".replace(";", ","), {Meaning.NUMBER: 1, Meaning.AT: 2}),
        (
            "our own",
            "number,kind,scope,source,at,reason",
            {
                Meaning.NUMBER: 0,
                Meaning.KIND: 1,
                Meaning.SCOPE: 2,
                Meaning.SOURCE: 3,
                Meaning.AT: 4,
                Meaning.REASON: 5,
            },
        ),
    ],
)
def test_the_columns_of_an_export_are_known(vendor, header, columns):
    assert recognised(header.split(","), SUPPRESSIONS, {}) == columns


def test_a_source_is_how_a_consent_was_given():
    found = recognised(["phone", "source", "opt_in_text"], CONSENTS, {})
    assert found == {Meaning.NUMBER: 0, Meaning.METHOD: 1, Meaning.WORDING: 2}


@pytest.mark.parametrize("first", [[ANN], ["Ann", "(212) 555-0100"], ["'+12125550100"], ['="+12125550100"']])
def test_a_first_row_with_a_number_is_no_header(first):
    assert not has_header(first)
    assert recognised(first, SUPPRESSIONS, {}) == {Meaning.NUMBER: len(first) - 1}


def test_what_the_operator_says_of_a_column_counts_more():
    header = ["from", "to", "when it was"]
    given = {"From": Meaning.NUMBER, "3": Meaning.AT}
    assert recognised(header, SUPPRESSIONS, given) == {Meaning.NUMBER: 0, Meaning.AT: 2}


@pytest.mark.parametrize(
    ("situation", "given"),
    [
        ("no column is known", {}),
        ("a header that is not there", {"phone": Meaning.NUMBER}),
        ("a place too far", {"3": Meaning.NUMBER}),
    ],
)
def test_where_the_number_is_can_not_be_guessed(situation, given):
    with pytest.raises(BadColumns):
        recognised(["a", "b"], SUPPRESSIONS, given)

"""Whether somebody who does not answer a double opt-in is asked once more, and what policies together say of it."""

from __future__ import annotations

import pytest

from gateway.policy.said import reminding_said
from gateway.yamlfile import BadFile
from tests.policy.people import SHIPPED, book


def says(after: str, country: str = "US", name: str = "site") -> str:
    return f"policy: {name}\ncountry: '{country}'\nopt_in: {{remind_after: {after}, cite: our own terms}}\n"


@pytest.mark.parametrize(
    ("situation", "policies", "country", "said"),
    [
        ("nothing is said", [], "US", None),
        ("12 hours", [says("12 hours")], "US", "12 hours"),
        ("of two, the later", [says("12 hours"), says("1 day", name="law")], "US", "1 day"),
        ("what one forbids no other allows", [says("12 hours"), says("never", name="law")], "US", None),
        ("elsewhere", [says("12 hours")], "FR", None),
        ("a country that says nothing has the generic one", [says("3 hours", "*")], "KZ", "3 hours"),
        ("its own counts before the generic one", [says("3 hours", "*"), says("never", name="us")], "US", None),
    ],
)
def test_somebody_is_asked_once_more_only_when_all_that_speak_of_it_agree(situation, policies, country, said):
    span = book(*policies).reminding(country).after
    assert (span and span.said) == said


def test_no_shipped_policy_has_anybody_reminded():
    countries = {each for policy in SHIPPED.policies for each in policy.countries}
    assert {SHIPPED.reminding(each).after for each in countries} == {None}


def test_it_is_said_in_a_sentence():
    assert "once more, 12 hours after the question" in reminding_said(book(says("12 hours")).reminding("US"))
    assert "is not asked again" in reminding_said(book(says("never")).reminding("US"))


def test_what_is_no_length_of_time_is_told_with_its_place():
    with pytest.raises(BadFile, match="is no length of time") as told:
        book(says("soon"))
    assert told.value.problems[0].line == 3

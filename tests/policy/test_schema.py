"""The schemas that editors use say what the loader says: of the shipped files, and of what is misspelt."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from gateway.policy.schema import policy_schema, scenario_schema
from gateway.yamlfile import Document
from tests.policy.people import POLICIES

POLICY, SCENARIO = (jsonschema.Draft7Validator(made) for made in (policy_schema(), scenario_schema()))
FILES = sorted(POLICIES.glob("*.yaml"))
SCENARIOS = sorted((POLICIES / "tests").rglob("*.yaml"))


def wrong(validator: jsonschema.Draft7Validator, value: object) -> list[str]:
    return [error.json_path for error in validator.iter_errors(value)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_policy_is_accepted(path):
    assert wrong(POLICY, Document.load(path).value) == []


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_shipped_scenario_file_is_accepted(path):
    assert wrong(SCENARIO, Document.load(path).value) == []


@pytest.mark.parametrize("validator", [POLICY, SCENARIO])
def test_the_schemas_themselves_are_in_order(validator):
    jsonschema.Draft7Validator.check_schema(validator.schema)


def of(rule: str) -> Any:
    text = f"policy: p\ncountry: US\nrules:\n  - {{id: r, {rule}}}\n"
    return Document.read(text.encode(), "p.yaml").value


@pytest.mark.parametrize(
    "rule",
    [
        "consent: express-written",
        "consent: [express, {kind: purchase, within: 18 months}]",
        "consent: {accept: {confirmed: true}}",
        "list: us-dnc",
        "list: {any: [us-dnc, us-reassigned]}",
        "forbid: everything",
        "forbid: unreadable, for: [political, charity]",
        "forbid: {words: casino, numbers: [card, iban]}, otherwise: mask",
        'hours: {mon-sat: "08:00-12:00, 14:00-20:00", sun: closed, holidays: closed, calendar: FR}',
        "hours: {from: 08:00, to: 21:00}, for: marketing, when: {region: [US-FL, unknown], sender: toll-free}",
        "cap: {most: 3, each: day, per: subject}, unless: express, share: 10%, from: 2026-10-18",
        "instruct: {on: {days: 30}, text: {en: Reply STOP to opt out, es: [a, b]}}",
        "identify: {by: either, add: '{brand}: '}",
        "sender: {allow: short-code, registered: {alphanumeric: sg-ssir}}",
        "label: {prefix: (AD), accept: [AD, 5]}, verified: seen, verified_on: 2026-11-24",
        "template: {texts: a}",
    ],
)
def test_every_kind_is_accepted_in_its_short_and_long_form(rule):
    assert wrong(POLICY, of(rule)) == []


@pytest.mark.parametrize(
    ("situation", "rule"),
    [
        ("a misspelt kind", "huors: {from: 08:00, to: 21:00}"),
        ("a misspelt key", "hours: {form: 08:00, to: 21:00}"),
        ("a misspelt condition", "list: a, when: {stat: US-FL}"),
        ("a misspelt category", "list: a, for: marketting"),
        ("a misspelt consent", "consent: expres"),
        ("no time of day", "hours: {from: 8, to: 21:00}"),
        ("no region", "list: a, when: {region: FL}"),
        ("no kind", "cite: x"),
        ("two kinds", "list: a, label: {prefix: x}"),
        ("no language", "instruct: {text: {English: Reply STOP to opt out}}"),
        ("no share", "list: a, share: 10"),
        ("no length of time", "cap: {most: 1, within: 1 fortnight}"),
    ],
)
def test_what_is_misspelt_is_refused(situation, rule):
    assert wrong(POLICY, of(rule))


SAID = {"name": "x", "message": {"to": "+12125550100", "text": "Sale"}, "at": "2026-06-10T15:00:00Z"}


@pytest.mark.parametrize(
    ("more", "good"),
    [
        ({"consent": [{"kind": "express-written", "at": "2026-01-02T00:00:00Z", "for": "marketing"}]}, True),
        ({"expect": {"action": "block", "rule": "us-fl/cap", "text_contains": "STOP"}}, True),
        ({"message": {**SAID["message"], "from": "ACME", "program": {"name": "club", "brand": "Acme"}}}, True),
        ({"message": {**SAID["message"], "program": "club"}}, True),
        ({"expcet": {}}, False),
        ({"expect": {"action": "refuse"}}, False),
        ({"message": {"to": "+12125550100"}}, False),
    ],
)
def test_a_scenario_is_accepted_as_it_may_be_written_alone_or_in_a_list(more, good):
    assert (wrong(SCENARIO, SAID | more) == []) is good
    assert (wrong(SCENARIO, [SAID | more]) == []) is good

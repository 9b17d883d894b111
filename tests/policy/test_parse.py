"""A policy file is right, or everything wrong with it is told with its place, and what was in force stays."""

from __future__ import annotations

import pytest

from gateway.policy.parse import load_book
from gateway.yamlfile import BadFile
from tests.policy.people import POLICIES, SHIPPED, book, policy

HEAD = "policy: p\ncountry: US\nrules:\n"  # the first rule is in line 4


def wrong(text: str) -> list[str]:
    with pytest.raises(BadFile) as bad:
        book(text)
    return str(bad.value).splitlines()


@pytest.mark.parametrize(
    ("situation", "rule", "problem"),
    [
        ("a misspelt kind", "huors: {from: 08:00, to: 21:00}", "4:13: unknown key `huors`; did you mean `hours`?"),
        ("a misspelt key", "hours: {form: 08:00, to: 21:00}", "4:21: unknown key `form`; did you mean `from`?"),
        ("our own word for a key", "hours: {start: 08:00}", "4:21: unknown key `start`; did you mean `sat`?"),
        ("no kind at all", "cite: x", "4:5: a rule is of one kind; write one of consent, hours, cap, "),
        (
            "two kinds",
            "hours: {from: 08:00, to: 21:00}, instruct: {text: {en: Reply STOP to opt out}}",
            "4:5: a rule is of one kind; write one of consent, hours, cap, ",
        ),
        ("no time of day", "hours: {from: 8, to: 21:00}", '4:27: `8` is no time of day; write "00:00" to "24:00"'),
        ("an hour too many", "hours: {from: 08:00, to: 25:00}", "4:38: `25:00` is no time of day"),
        ("a minute too many", "hours: {from: 08:00, to: 24:01}", "4:38: `24:01` is no time of day"),
        ("one end only", "hours: {from: 08:00}", "4:20: `from` and `to` belong together"),
        ("no hours at all", "hours: {from: 08:00, to: 08:00}", "4:20: begins and ends at the same time"),
        ("days forgotten", "hours: {mon-fri: 08:00-20:00}", "4:20: sat, sun not said; write a span of hours or closed"),
        ("no span", "hours: {mon-sat: 08:00, sun: closed}", "4:30: `08:00` is no span of hours"),
        (
            "an empty span",
            "hours: {mon-sat: 08:00-08:00, sun: closed}",
            "4:30: `08:00-08:00`: begins and ends at the same time",
        ),
        (
            "a category of which there is none",
            "for: marketting, hours: {from: 08:00, to: 21:00}",
            "4:18: `marketting` is none of marketing, ",
        ),
        (
            "a region of another country",
            "when: {region: GB-ENG}, hours: {from: 08:00, to: 21:00}",
            "4:28: `GB-ENG` is in no country of this policy (US)",
        ),
        (
            "a state without its country",
            "when: {region: [US-NY, FL]}, hours: {from: 08:00, to: 21:00}",
            "4:36: `FL` is no region; write it as US-FL, or unknown",
        ),
        (
            "a condition of which there is none",
            "when: {stat: US-FL}, hours: {from: 08:00, to: 21:00}",
            "4:20: unknown key `stat`; known here: client, country, language, program, region, sender",
        ),
        (
            "no date",
            "from: 18.10.2026, hours: {from: 08:00, to: 21:00}",
            "4:19: `18.10.2026` is no date; write it as 2026-10-18",
        ),
        (
            "a date that is a number",
            "until: 2026, hours: {from: 08:00, to: 21:00}",
            "4:20: `2026` is no date; write it as 2026-10-18",
        ),
        (
            "an end before the beginning",
            "from: 2026-10-18, until: 2026-10-17, hours: {from: 08:00, to: 21:00}",
            "4:5: `until` comes before `from`, so that it never holds",
        ),
        (
            "a word that is not on, observe, off",
            "enforce: no, hours: {from: 08:00, to: 21:00}",
            "4:22: `no` is none of on, observe, off",
        ),
        ("an instruction without words", "instruct: {text: {}}", "4:30: this is empty; write at least 1"),
        ("a language without words", "instruct: {text: {en: []}}", "4:35: this is empty; write at least 1"),
        ("words of nothing", 'instruct: {text: {en: [" "]}}', "4:36: ` ` is no wording; write what the recipient is"),
        (
            "no language",
            "instruct: {text: {English: Reply STOP to opt out}}",
            "4:40: `English` is no language; write it as en or es (ISO 639)",
        ),
        (
            "no period",
            "instruct: {on: sometimes, text: {en: Reply STOP to opt out}}",
            "4:28: `sometimes` is none of every, first",
        ),
        ("a period of nothing", "instruct: {on: {days: 0}, text: {en: x}}", "4:35: `0` is too small; write 1 or more"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(situation, rule, problem):
    (told,) = wrong(f"{HEAD}  - {{id: r, {rule}}}\n")
    assert told.startswith(f"0.yaml:{problem}")


def test_a_name_of_two_rules_is_told_at_the_second():
    rules = "  - {id: a, hours: {from: 08:00, to: 21:00}}\n" * 2
    assert wrong(policy(rules)) == ["0.yaml:5:10: another rule is named `a` too; give each its own id"]


def test_all_that_is_wrong_comes_at_once_and_in_order():
    rules = "  - {id: A, hours: {from: 8, to: 21:00}}\n  - {id: b, hour: {}}\n"
    assert [told.split(":")[1] for told in wrong(policy(rules, country="usa"))] == ["2", "4", "4", "5"]


@pytest.fixture
def folder(tmp_path):
    for path in POLICIES.glob("*.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_the_revision_is_that_of_the_contents(folder):
    assert load_book(folder).revision == SHIPPED.revision
    path = folder / "world.yaml"
    path.write_text(path.read_text() + "# a word\n")
    assert load_book(folder).revision != SHIPPED.revision


def test_the_problems_of_all_files_come_at_once(folder):
    (folder / "a.yaml").write_text("policy: a\n")
    (folder / "b.yaml").write_text(
        "policy: us-federal\ncountry: US\nrules: [{id: r, hours: {from: 08:00, to: 09:00}}]\n"
    )
    (folder / "c.yaml").write_bytes(b"\xff")
    with pytest.raises(BadFile) as bad:
        load_book(folder)
    assert str(bad.value).replace(f"{folder}/", "").splitlines() == [
        "a.yaml:1:1: `country` is missing",
        "c.yaml:1:1: is not UTF-8 here; save the file as UTF-8",
        "us-federal.yaml:1:1: policy `us-federal` is in b.yaml already; give each its own name",
    ]


def test_a_folder_without_policies_is_refused(tmp_path):
    with pytest.raises(BadFile, match="holds no policy file"):
        load_book(tmp_path)


def test_a_folder_that_leaves_countries_without_rules_is_refused(folder):
    (folder / "world.yaml").unlink()
    with pytest.raises(BadFile, match='holds no policy for country "\\*"'):
        load_book(folder)

"""What is wrong with policies is said before they count: where, how badly, and what to do."""

from __future__ import annotations

from datetime import date

import pytest

from gateway.policy.check import checked
from gateway.policy.checks.dates import coming
from gateway.policy.checks.examined import Examined, Known, Level
from gateway.policy.checks.wordings import sent_words
from gateway.policy.effective import effective
from gateway.policy.source import Sources, sources_of
from gateway.words.program import Category
from tests.policy.people import POLICIES, SHIPPED

TODAY = date(2026, 11, 24)
WORLD = """\
policy: world
country: "*"
reviewed: 2026-11-24
rules:
  - {id: hours, hours: {from: "10:00", to: "18:00"}, verified: seen}
"""
HEAD = "policy: p\ncountry: US\nreviewed: 2026-11-24\nrules:\n"  # the first rule is in line 5
HOURS = 'hours: {from: "08:00", to: "21:00"}'


def sources(**files: str) -> Sources:
    contents = {f"{name}.yaml": text.encode() for name, text in {"world": WORLD, **files}.items()}
    return sources_of(contents, POLICIES)


def found(day: date = TODAY, known: Known | None = None, **files: str) -> list[str]:
    """`p.yaml:5:5: error: ...`, without what is only to be known of citations."""
    remarks = checked(sources(**files), day, known)
    return [str(each).removeprefix(f"{POLICIES}/") for each in remarks if each.code != "unverified"]


def rules(*written: str) -> str:
    """With a last rule that binds all categories, so that nothing is uncovered."""
    lines = [f"  - {{id: r{n}, {rule}}}\n" for n, rule in enumerate(written)]
    return HEAD + "".join(lines) + "  - {id: last, list: last}\n"


def instruct(wording: str, language: str = "en") -> str:
    return f'instruct: {{text: {{{language}: ["{wording}"]}}}}'


@pytest.mark.parametrize(
    ("situation", "written", "said"),
    [
        (
            "an end that is past",
            [f"{HOURS}, until: 2026-11-23"],
            "p.yaml:5:58: warning: `p/r0` ended on 2026-11-23 and binds nothing any more",
        ),
        (
            "a state that there isn't",
            ["list: a, when: {region: US-FX}"],
            "p.yaml:5:38: warning: no number is in `US-FX`, so that this never holds",
        ),
        (
            "one list in two spellings",
            ["list: us-dnc", "list: us-dncs"],
            "p.yaml:5:20: warning: the list `us-dnc` is spelled much like `us-dncs`",
        ),
        (
            "a rule within another",
            [HOURS, 'hours: {from: "09:00", to: "20:00"}'],
            "p.yaml:5:5: warning: `p/r0` changes nothing: wherever it holds, `p/r1` is at least as strict",
        ),
        (
            "a rule twice",
            ["list: a", "list: a"],
            "p.yaml:6:5: warning: `p/r1` changes nothing: wherever it holds, `p/r0` is at least as strict",
        ),
        (
            "hours of no minute",
            ["hours: {mon-sat: closed, sun: closed}"],
            "p.yaml:5:21: error: `p/r0` leaves no minute of the week",
        ),
        (
            "hours that never agree",
            ['hours: {from: "08:00", to: "12:00"}', 'hours: {from: "12:00", to: "21:00"}, for: marketing'],
            "p.yaml:6:21: error: `p/r1` and `p/r0` leave no minute of the week for US/marketing",
        ),
        (
            "hours that never agree for one program",
            ['hours: {from: "08:00", to: "12:00"}', 'hours: {from: "12:00", to: "21:00"}, when: {program: club}'],
            "p.yaml:6:21: error: `p/r1` and `p/r0` leave no minute of the week for US/",
        ),
        (
            "two prefixes",
            ["label: {prefix: (AD)}", "label: {prefix: (Werbung)}, for: marketing"],
            "p.yaml:6:21: error: `p/r1` and `p/r0` both label a text for US/marketing",
        ),
        (
            "a word that nothing acts on",
            [instruct("Reply LEAVEME to opt out")],
            "p.yaml:5:37: error: `Reply LEAVEME to opt out` tells people to send LEAVEME, which nothing here acts on",
        ),
        (
            "one word of two that nothing acts on",
            [instruct("Reply STOP or GOAWAY to opt out")],
            "p.yaml:5:37: error: `Reply STOP or GOAWAY to opt out` tells people to send GOAWAY, which nothing here",
        ),
        (
            "a word that asks for something else",
            [instruct("Reply HELP to opt out")],
            "p.yaml:5:37: error: `Reply HELP to opt out` names no word that we would act on as an opt-out",
        ),
        (
            "a letter that counts in China only",
            [instruct("退订回T", "zh")],
            "p.yaml:5:37: error: `退订回T` tells people to send T, which nothing here acts on",
        ),
        (
            "words that are no instruction",
            [instruct("Thank you for reading, STOP")],
            "p.yaml:5:37: error: `Thank you for reading, STOP` is not seen as an opt-out instruction",
        ),
        (
            "words that don't fit",
            [instruct("Reply STOP to opt out of these texts. " + "We are sorry to see you go. " * 5)],
            "p.yaml:5:36: error: no wording in `en` fits into one segment",
        ),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(situation, written, said):
    [only] = found(p=rules(*written))
    assert only.startswith(said)


@pytest.mark.parametrize(
    ("situation", "written"),
    [
        ("lists of two states", ["list: us-co-dnc", "list: us-mo-dnc", "list: us-la-dnc", "list: us-al-dnc"]),
        ("the same hours for others", [f"{HOURS}, for: marketing", f"{HOURS}, for: otp"]),
        ("stricter for some only", [HOURS, 'hours: {from: "09:00", to: "20:00"}, when: {region: US-FL}']),
        ("stricter, but lifted by consent", ["list: a", "list: [a, b], unless: express"]),
        (
            "narrow hours, only observed",
            ['hours: {from: "08:00", to: "12:00"}', 'hours: {from: "12:00", to: "21:00"}, enforce: observe'],
        ),
        ("labels by language", [f"label: {{prefix: {p}}}, when: {{language: {p}}}" for p in ("en", "fr")]),
        ("a label that the other accepts", ["label: {prefix: AD, accept: ADV}, for: otp", "label: {prefix: ADV}"]),
        ("a prefix and a suffix", ["label: {prefix: AD}", "label: {suffix: END}"]),
        ("a keyword and a number", [instruct("STOP SMS au {stop_number}", "fr")]),
        ("a link", [instruct("Unsubscribe: https://acme.example/stop")]),
        ("two words that are one keyword", [instruct("Responda NO MAS para salir", "es")]),
        ("help besides", [instruct("Reply HELP for help, STOP to opt out")]),
        ("a word in quotes", [instruct("配信停止は「停止」と返信", "ja")]),
        ("words of a script without capitals", [instruct("للإلغاء أرسل توقف", "ar")]),
    ],
)
def test_what_is_right_is_let_be(situation, written):
    assert found(p=rules(*written)) == []


def test_a_rule_for_a_region_that_its_policy_is_not_for_is_said():
    policy = rules("list: a, when: {region: US-NY}").replace("rules:", "region: US-FL\nrules:")
    [only] = [each for each in found(p=policy) if "uncovered" not in each and "binds" not in each]
    assert only == "p.yaml:6:38: warning: `US-NY` is none of the regions that this policy is for (US-FL)"


def test_a_letter_is_enough_in_china():
    china = rules(instruct("退订回T", "zh")).replace("country: US", "country: CN")
    assert found(p=china) == []


@pytest.mark.parametrize(
    ("wording", "words"),
    [
        ("Reply STOP to opt out", ["STOP"]),
        ("Responda STOP o ALTO para cancelar", ["STOP", "ALTO"]),
        ("Text 'QUIT' or STOP", ["STOP", "QUIT"]),
        ("Text \u201cunsubscribe\u201d to stop", ["unsubscribe"]),
        ("{brand}: envoyez STOP par SMS au {stop_number}", ["STOP"]),
        ("Отписка: СТОП", ["СТОП"]),
        ("回复TD退订", ["TD"]),
        ("ยกเลิก ตอบ STOP", ["STOP"]),
        ("REPLY STOP TO OPT OUT", []),
    ],
)
def test_the_words_that_a_wording_tells_people_to_send(wording, words):
    assert sorted(sent_words(wording)) == sorted(words)


def test_a_country_that_leaves_out_what_the_generic_rules_bind_is_said():
    [only] = found(p=f"{HEAD}  - {{id: r, {HOURS}, for: marketing}}\n")
    assert only.startswith("p.yaml:2:10: warning: no rule binds political or charity in US, and the generic ones")


def test_names_of_the_site_are_looked_up_where_its_configuration_is_known():
    written = rules(f"{HOURS}, when: {{program: clbu, upstream: twilio}}")
    assert found(p=written) == []
    [only] = found(p=written, known=Known(frozenset({"club"}), frozenset({"twilio"})))
    assert only == "p.yaml:5:67: error: the configuration has no program `clbu`; did you mean `club`?"


RELAXED = """\
policy: site
country: US
relaxations:
  - {{rule: {rule}, by: Ann, reason: because, until: {until}{more}}}
"""


@pytest.mark.parametrize(
    ("situation", "rule", "until", "more", "said"),
    [
        (
            "a rule that there isn't",
            "p/r1",
            "2027-11-24",
            "",
            "4:12: error: there is no rule `p/r1` to relax; did you mean `p/r0`?",
        ),
        ("past its date", "p/r0", "2026-11-23", "", "4:5: warning: ended on 2026-11-23: `p/r0` is enforced again"),
        ("soon over", "p/r0", "2026-12-24", "", "4:5: info: ends on 2026-12-24, in 30 days"),
        (
            "of another category",
            "p/r0",
            "2027-11-24",
            ", for: otp",
            "4:5: warning: is without effect: `p/r0` holds for other",
        ),
        (
            "of another state",
            "p/r0",
            "2027-11-24",
            ", when: {region: US-NY}",
            "4:5: warning: is without effect: `p/r0` holds",
        ),
        ("of what is observed", "p/seen", "2027-11-24", "", "4:5: warning: is without effect: `p/seen` isn't enforced"),
        ("of what is off", "p/off", "2027-11-24", "", "4:5: warning: is without effect: `p/off` isn't enforced"),
    ],
)
def test_a_relaxation_is_for_a_rule_that_is_enforced_and_for_a_time(situation, rule, until, more, said):
    policy = rules(f"{HOURS}, for: marketing, when: {{region: US-FL}}")
    policy += "  - {id: seen, cap: {most: 9, each: day}, enforce: observe}\n  - {id: off, list: x, enforce: off}\n"
    [only] = found(p=policy, site=RELAXED.format(rule=rule, until=until, more=more))
    assert only.startswith(f"site.yaml:{said}")


def test_a_pack_is_reviewed_within_its_period():
    policy = rules(HOURS).replace("reviewed: 2026-11-24", "reviewed: 2026-10-01\nreview_every: 30")
    [only] = found(p=policy)
    assert only.startswith("p.yaml:3:11: warning: was to be reviewed by 2026-10-31")
    [only] = found(p=rules(HOURS).replace("reviewed: 2026-11-24\n", ""))
    assert only.startswith("p.yaml:1:9: warning: nobody says when this was last reviewed")


def test_unverified_citations_are_only_to_be_known():
    remarks = checked(sources(p=rules(f"{HOURS}, cite: x", "list: a, cite: y, verified: seen")), TODAY)
    assert {(each.level, each.problem.message) for each in remarks} == {
        (Level.INFO, "`p/r0` cites x, which nobody has seen"),
        (Level.INFO, "`p/last` cites nothing"),
    }


def test_of_files_that_do_not_load_only_that_is_said():
    [only] = found(p=rules("huors: {}", instruct("Reply LEAVEME to opt out")))
    assert only == "p.yaml:5:14: error: unknown key `huors`; did you mean `hours`?"


def test_the_law_as_it_will_be_is_judged_for_its_day():
    policy = rules('hours: {from: "08:00", to: "12:00"}', 'hours: {from: "12:00", to: "21:00"}, from: 2027-02-01')
    assert found(p=policy) == []
    assert "leave no minute of the week" in found(p=policy, day=date(2027, 2, 1))[0]
    there = sources(p=policy)
    assert coming(Examined(there, there.book, date(2027, 2, 1)), TODAY) == ["2027-02-01: p/r1 comes into force"]
    assert coming(Examined(there, there.book, date(2027, 1, 31)), TODAY) == []


def against_shipped(**changes: tuple[str, str]) -> list[str]:
    """The shipped policies with a word changed in a file."""
    files = {path.name: path.read_text() for path in POLICIES.glob("*.yaml")}
    for name, (old, new) in changes.items():
        file = f"{name.replace('_', '-')}.yaml"
        assert old in files[file]
        files[file] = files[file].replace(old, new)
    contents = {name: text.encode() for name, text in files.items()}
    remarks = checked(sources_of(contents, POLICIES), TODAY, shipped=SHIPPED)
    return [each.problem.message for each in remarks if each.code == "shipped"]


QUIET = '- id: quiet-hours\n    for: [marketing]\n    hours: {from: "08:00", to: "21:00"}'


def test_a_shipped_rule_that_a_site_loosened_is_named():
    assert against_shipped() == []
    assert against_shipped(us_federal=(QUIET, QUIET.replace("08:00", "09:00"))) == []
    [only] = against_shipped(us_federal=(QUIET, QUIET.replace("21:00", "22:00")))
    assert only.startswith("`us-federal/quiet-hours` is looser than it ships, without a relaxation; it ships as: ")


def test_a_shipped_rule_that_a_site_removed_is_named():
    messages = against_shipped(us_federal=(QUIET, f"{QUIET}\n    enforce: off"))
    assert messages == [
        "the shipped rule `us-federal/quiet-hours` was removed or switched off; write a relaxation instead"
    ]


def test_the_merged_rules_say_what_binds_and_where_it_comes_from():
    there = sources(p=rules(f"{HOURS}, when: {{region: US-FL}}, cite: x"))
    [florida] = effective(Examined(there, there.book, TODAY), "US-FL", Category.MARKETING)
    assert str(florida).replace(f"{POLICIES}/", "") == (
        "US-FL: marketing\n"
        "  p/r0 (p.yaml:5:5)\n"
        "    All texts to US-FL: only in the recipient's own hours: Monday to Sunday 08:00-21:00; "
        "otherwise it waits until it may leave.\n"
        "    cites x (unverified); enforced\n"
        "  p/last (p.yaml:6:5)\n"
        "    All texts: the number must be on none of the lists last; otherwise it is refused.\n"
        "    cites nothing; enforced\n"
        "  gateway/unreadable (always on)\n"
        "    Marketing texts: nothing may be sent whose text is not known here (templates, other channels, binary "
        "messages).\n"
        "    cites nothing; enforced"
    )
    [nowhere] = effective(Examined(there, there.book, TODAY), "US", Category.MARKETING)
    assert [rule.id for rule, _ in nowhere.rules] == ["p/last", "gateway/unreadable"]

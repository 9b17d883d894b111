"""The opt-out pages: in each language all of them, and nothing that somebody named can be more than words."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.doors.buckets import Buckets
from gateway.doors.pages import _HERE, HEADERS, LANGUAGES, Form, Page, language_for

WORDS = yaml.safe_load(_HERE.joinpath("words.yaml").read_text("utf-8"))
NAMED = {"name": "Acme", "digits": "23"}


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_language_has_every_sentence_with_the_same_blanks(language):
    blanks = {name: set(re.findall(r"\{\w+\}", said)) for name, said in WORDS[language].items()}
    assert blanks == {name: set(re.findall(r"\{\w+\}", said)) for name, said in WORDS["en"].items()}


@pytest.mark.parametrize(
    ("situation", "accepted", "otherwise", "language"),
    [
        ("a browser's own", "fr-CA,en;q=0.5", "de", "fr"),
        ("the one that it likes best", "en;q=0.2, pl;q=0.9", "de", "pl"),
        ("by another name", "nb-NO", "de", "no"),
        ("one that we don't speak, and the program's", "xx, yy;q=0.3", "es-US", "es"),
        ("none that it dislikes", "es;q=0", "de", "de"),
        ("nothing said", "", "", "en"),
        ("nonsense", ";;q=,,=;q=x", "", "en"),
    ],
)
def test_the_language_is_the_recipients(situation, accepted, otherwise, language):
    assert language_for(accepted, otherwise) == language


@given(st.text(max_size=80))
def test_whatever_a_browser_says_there_is_a_language(accepted):
    assert language_for(accepted, "") in LANGUAGES


@given(st.text(max_size=40), st.sampled_from(sorted(LANGUAGES)))
def test_no_name_is_more_than_words(name, language):
    form = Form("button", "row", [(name, name)])
    html = Page("title", ["from", "ends_some"], {"name": f"<b>{name}", "digits": "23"}, form).html(language)
    assert "<b>" not in html
    plain = Page("title", ["from", "ends_some"], NAMED, Form("button", "row", [("club", "Acme")])).html(language)
    assert re.findall(r"<\w+", html) == re.findall(r"<\w+", plain)


def test_the_policy_allows_the_style_and_nothing_else():
    [style] = re.findall(r"<style>(.*?)</style>", Page("done", ["ended"], {}).html("en"), re.DOTALL)
    assert f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" in HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_page_loads_nothing_and_is_small(language):
    html = Page("title", ["from", "ends_all"], NAMED, Form("button", "r" * 200), ("/x/programs", "choose")).html(
        language
    )
    assert not re.search(r"<(script|img|link|iframe)|url\(|@import|style=", html)
    assert len(html.encode()) < 4096


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_what_it_holds_and_fills_again():
    seconds = Seconds()
    buckets = Buckets(0.5, 3, seconds)
    assert [buckets.take("a") for _ in range(4)] == [True, True, True, False]
    assert buckets.take("b")
    seconds.now = 1.9
    assert not buckets.take("a")
    seconds.now = 2.0
    assert [buckets.take("a") for _ in range(2)] == [True, False]
    seconds.now = 1e6
    assert [buckets.take("a") for _ in range(4)] == [True, True, True, False]


def test_of_too_many_the_one_that_asked_longest_ago_is_forgotten():
    buckets = Buckets(0.0, 1, Seconds(), most=2)
    assert [buckets.take(key) for key in "abab"] == [True, True, False, False]
    assert buckets.take("c")
    assert not buckets.take("b")
    assert buckets.take("a")

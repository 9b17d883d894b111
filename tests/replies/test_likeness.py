"""What a reply is heard as of which no rule says anything: by the words that it shares with others."""

from __future__ import annotations

import pytest

from gateway.replies import likeness as module
from gateway.replies.classify import ALIKE, DOUBTED, classify
from gateway.replies.keywords import Intent
from gateway.replies.likeness import Likeness, Weights, likeness, weights_read
from gateway.replies.normal import words_of
from tests.replies.taught import fingerprint, taught


def test_the_weights_are_those_of_the_replies_that_stand_here():
    assert weights_read().learnt_from == fingerprint(taught()), "run `python -m tests.replies.train`"


@pytest.mark.parametrize(
    ("situation", "text", "matched"),
    [
        ("has moved away", "we moved to Tulsa so no need to send me these anymore", "me these anymore"),
        ("has a lawyer", "my lawyer handles this now, all contact goes through her", "all contact goes"),
        (
            "has moved away, in German",
            "Wir sind nach Bremen gezogen, bitte keine Erinnerungen mehr",
            "Erinnerungen mehr",
        ),
        ("names the alerts", "end storm alerts", "end storm alerts"),
    ],
)
def test_what_is_like_an_opt_out_is_one_in_doubt_and_its_own_words_are_told(situation, text, matched):
    heard = classify(text)
    assert (heard.intent, heard.doubt, heard.confidence) == (Intent.OPT_OUT, True, DOUBTED)
    assert matched in heard.matched


@pytest.mark.parametrize("text", ["who should i talk to about my bill", "which dentist is this from"])
def test_what_is_like_a_question_who_we_are_is_answered_without_doubt(text):
    heard = classify(text)
    assert (heard.intent, heard.doubt, heard.confidence) == (Intent.HELP, False, ALIKE)


TINY = Weights(
    "", (-30, -30, -30), {"enough": (40, 0, 0), "again": (10, 46, 0), "more": (-20, 0, 0), "whence": (0, 0, 44)}
)


@pytest.mark.parametrize(
    ("reason", "text", "found"),
    [
        ("-3 and 4 and 1 over the root of two: half", "enough again", None),
        ("-3 and 4.6: 0.83", "once again", Likeness(Intent.OPT_IN, "once again")),
        ("-3 and 4.4: 0.80", "whence this", Likeness(Intent.HELP, "whence this")),
        ("-3 and 4: 0.73, of which an opt-out needs more", "enough", None),
        ("nothing known is -3: 0.05", "good morning", None),
    ],
)
def test_what_words_add_is_summed_and_divided_by_the_root_of_how_many_are_known(monkeypatch, reason, text, found):
    monkeypatch.setattr(module, "weights_read", lambda: TINY)
    assert likeness(words_of(text)) == found


SURE = Weights("", (90, -90, -90), {})


@pytest.mark.parametrize(
    ("decides", "text", "intent"),
    [
        ("a keyword", "START", Intent.OPT_IN),
        ("a reaction", "Liked “20% off. Reply STOP to end”", Intent.OTHER),
        ("plain language that asks who we are", "who is this?", Intent.HELP),
        ("plain language that asks for more", "add me back to the list", Intent.OPT_IN),
        ("words that are no opt-out whatever else is said", "sorry, permission to tow", Intent.OTHER),
    ],
)
def test_however_sure_it_is_it_overrules_nothing(monkeypatch, decides, text, intent):
    monkeypatch.setattr(module, "weights_read", lambda: SURE)
    assert classify(text).intent is intent
    assert classify("good morning").intent is Intent.OPT_OUT


OF_US = Weights("", (-90, -90, 90), {})


def test_what_smells_of_an_opt_out_is_left_to_a_person_though_it_is_like_a_question(monkeypatch):
    monkeypatch.setattr(module, "weights_read", lambda: OF_US)
    assert classify("good morning").intent is Intent.HELP
    heard = classify("what ridiculous weather")
    assert (heard.intent, heard.doubt) == (Intent.OTHER, True)

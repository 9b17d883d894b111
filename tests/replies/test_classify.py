"""What people write back, and what it asks for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.replies.classify import Heard, ProgramWords, classify
from gateway.replies.keywords import Intent
from tests.replies.rows import HELP, NO_OPT_OUT, OPT_IN, OPT_OUT


@pytest.mark.parametrize("text", OPT_OUT)
def test_who_wants_no_more_is_understood_in_their_own_words(text):
    heard = classify(text)
    assert heard.intent is Intent.OPT_OUT
    assert heard.matched


@pytest.mark.parametrize("text", NO_OPT_OUT)
def test_words_that_mean_something_else_end_nothing(text):
    assert classify(text).intent is not Intent.OPT_OUT


@pytest.mark.parametrize("text", OPT_IN)
def test_who_wants_to_hear_from_us_again_is_understood(text):
    assert classify(text).intent is Intent.OPT_IN


@pytest.mark.parametrize("text", HELP)
def test_who_asks_who_we_are_is_helped(text):
    assert classify(text).intent is Intent.HELP


@pytest.mark.parametrize("text", ["start my order", "yes see you at 5", "start the car", "ok sounds good"])
def test_an_answer_to_something_else_asks_for_nothing(text):
    assert classify(text).intent is Intent.OTHER


@pytest.mark.parametrize(
    ("situation", "text"),
    [
        ("a keyword that asks", "STOP?"),
        ("how it is done", "how do I stop this"),
        ("how it is done, in Spanish", "¿Cómo me doy de baja?"),
        ("weariness", "enough already"),
        ("a hand, which may greet", "✋"),
        ("six, or the Finnish for stop", "seis"),
    ],
)
def test_a_doubtful_opt_out_is_one_and_a_person_should_judge_it(situation, text):
    heard = classify(text)
    assert (heard.intent, heard.doubt, heard.confidence) == (Intent.OPT_OUT, True, 0.6)


def test_a_bare_yes_is_a_doubtful_opt_in_since_it_may_answer_anything():
    assert classify("Yes!") == Heard(Intent.OPT_IN, "Yes", 0.6, doubt=True)


def test_what_smells_of_an_opt_out_and_is_none_is_left_to_a_person():
    assert classify("what ridiculous weather") == Heard(Intent.OTHER, "", 0.6, doubt=True)


@pytest.mark.parametrize(
    ("situation", "text", "matched", "confidence"),
    [
        ("a keyword alone", " “Stop!!!” ", "Stop", 1.0),
        ("politeness around it", "Please STOP, thanks", "Please STOP, thanks", 0.95),
        ("a slip of the finger", "unsuscribe", "unsuscribe", 0.85),
        ("plain language", "Hello, could you take me off your list? Ann", "could you take me off your", 0.9),
        ("accents and capitals stay", "Hola. NO me manden más mensajes", "NO me manden más", 0.9),
        ("no spaces between words", "你好，不要再给我发短信了", "不要再", 0.9),
        ("what is quoted is not theirs", "> Reply STOP to end\nwrong number", "wrong number", 0.9),
    ],
)
def test_the_replys_own_words_that_decided_are_told_and_how_sure_that_is(situation, text, matched, confidence):
    heard = classify(text)
    assert (heard.intent, heard.matched, heard.confidence) == (Intent.OPT_OUT, matched, confidence)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("STOP 12345", "12345"),
        ("STOP CLUB", "CLUB"),
        ("stop reminders", "reminders"),
        ("Please stop the marketing", "marketing"),
        ("STOP", ""),
        ("stop texting me", ""),
    ],
)
def test_an_opt_out_may_name_what_it_ends(text, topic):
    heard = classify(text)
    assert (heard.intent, heard.topic) == (Intent.OPT_OUT, topic)


PROGRAM = ProgramWords(opt_out=("Genug jetzt",), opt_in=("CLUB",), help=("WHO",), taken=("CANCEL", "YES"))
ASKING = ProgramWords(taken=("CANCEL", "YES"), asking=True)


@pytest.mark.parametrize(
    ("situation", "text", "words", "intent"),
    [
        ("the program's word for opting out", "genug JETZT!", PROGRAM, Intent.OPT_OUT),
        ("its word for joining", "club", PROGRAM, Intent.OPT_IN),
        ("its word for help", "Who", PROGRAM, Intent.HELP),
        ("CANCEL while no question is open", "CANCEL", PROGRAM, Intent.OPT_OUT),
        ("CANCEL an appointment", "Cancel.", ASKING, Intent.OTHER),
        ("YES to a survey", "yes", ASKING, Intent.OTHER),
        ("STOP whatever was asked", "stop", ASKING, Intent.OPT_OUT),
        ("plain language whatever was asked", "cancel these texts", ASKING, Intent.OPT_OUT),
    ],
)
def test_a_program_adds_words_and_takes_some_while_its_question_is_open(situation, text, words, intent):
    assert classify(text, words=words).intent is intent


@settings(deadline=None, max_examples=300)
@given(st.text(st.characters(), max_size=400))
def test_any_text_has_an_answer_whose_words_are_the_texts(text):
    heard = classify(text)
    assert heard == classify(text)
    assert 0 <= heard.confidence <= 1
    assert bool(heard.matched) is (heard.intent is not Intent.OTHER)


KEYWORDS = {
    "STOP": Intent.OPT_OUT,
    "arrêt": Intent.OPT_OUT,
    "退订": Intent.OPT_OUT,
    "Start": Intent.OPT_IN,
    "help": Intent.HELP,
}


@settings(deadline=None)
@given(
    st.sampled_from(sorted(KEYWORDS)),
    st.text(" .,;:!\"'()*\u200b\ufe0f\n😀👍🛑-", max_size=10),
    st.text(" .,;:!\"'()*\u200b\ufe0f\n😀👍🛑-", max_size=10),
    st.sampled_from([str.upper, str.lower, str.title, str.swapcase]),
)
def test_case_signs_and_emoji_around_a_keyword_change_nothing(word, before, after, cased):
    assert classify(f"{before}{cased(word)}{after}").intent is KEYWORDS[word]

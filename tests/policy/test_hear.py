"""What a reply changes."""

from __future__ import annotations

import pytest

from gateway.policy.hear import Hearing, heard
from gateway.replies.keywords import Intent
from gateway.words.message import Inbound
from gateway.words.program import OwnWords


def reply(text: str, acted: str = "") -> Inbound:
    return Inbound("SM1", "+12125550100", "+18335550100", text, acted)


@pytest.mark.parametrize(
    ("situation", "inbound", "hearing"),
    [
        ("a keyword", reply("Stop."), Hearing(Intent.OPT_OUT, "Stop", is_keyword=True)),
        ("plain language", reply("Hi, please lose my number!"), Hearing(Intent.OPT_OUT, "lose my number")),
        ("a doubtful one", reply("STOP?"), Hearing(Intent.OPT_OUT, "STOP", doubt=True)),
        ("one of a topic", reply("STOP 12345"), Hearing(Intent.OPT_OUT, "STOP 12345", topic="12345")),
        ("our own text, liked", reply("Liked “Sale. Reply STOP to end”"), Hearing(Intent.OTHER)),
        (
            "what the carrier has understood already",
            reply("cease", "STOP"),
            Hearing(Intent.OPT_OUT, "STOP", is_keyword=True),
        ),
    ],
)
def test_a_reply_is_heard_with_the_words_that_decided(situation, inbound, hearing):
    assert heard(inbound, "US") == hearing


CLINIC = OwnWords(opt_out=("no texts",), opt_in=("texts on",), help=("desk",), taken=("Cancel", "C"))
TOPICS = ("reminders", "appointment texts", "club")


@pytest.mark.parametrize(
    ("situation", "text", "hearing"),
    [
        ("its own word for STOP", "No texts!", Hearing(Intent.OPT_OUT, "No texts")),
        ("for START", "texts on", Hearing(Intent.OPT_IN, "texts on")),
        ("for HELP", "DESK", Hearing(Intent.HELP, "DESK")),
        ("a word that it has taken", "cancel", Hearing(Intent.OTHER)),
        ("STOP, which nobody can take", "stop", Hearing(Intent.OPT_OUT, "stop", is_keyword=True)),
        ("a program in any case", "stop reminders", Hearing(Intent.OPT_OUT, "stop reminders", topic="reminders")),
        (
            "one of two words",
            "Stop appointment texts",
            Hearing(Intent.OPT_OUT, "Stop appointment texts", topic="appointment texts"),
        ),
        ("what is no program", "stop sign", Hearing(Intent.OTHER)),
    ],
)
def test_a_programs_own_words_and_topics_count(situation, text, hearing):
    assert heard(reply(text), "US", CLINIC, TOPICS) == hearing

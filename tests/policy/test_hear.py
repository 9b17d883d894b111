"""What a reply changes."""

from __future__ import annotations

import pytest

from gateway.policy.hear import Hearing, heard
from gateway.replies.keywords import Intent
from gateway.words.message import Inbound


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

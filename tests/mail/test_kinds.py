"""What never becomes a text, and what does although a machine sent it."""

from __future__ import annotations

import pytest

from gateway.mail.composed import Stamp
from gateway.mail.dsn import Fate, Told, compose_dsn
from gateway.mail.model import Envelope, NotForTexting
from gateway.mail.read import Settings, read
from gateway.mail.reply import Replied, compose_reply
from tests.mail.values import ANN, STAMP


def rule_of(head: str, sender: str = "a@example.com") -> str:
    """The rule that keeps it from being texted; empty: it is texted."""
    try:
        read(f"From: a@example.com\r\n{head}\r\n\r\nhello\r\n".encode(), Envelope(sender, (ANN,)), Settings())
    except NotForTexting as error:
        return error.rule
    return ""


@pytest.mark.parametrize(
    ("situation", "head", "rule"),
    [
        ("a person's mail", "Subject: Hello", ""),
        ("Auto-Submitted says no", "Auto-Submitted: no", ""),
        ("an alarm", "Auto-Submitted: auto-generated", ""),
        ("an alarm in bulk", "Auto-Submitted: auto-generated\r\nPrecedence: bulk", ""),
        ("an alarm that wants no answers", "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All", ""),
        ("wants no answers, says no more", "X-Auto-Response-Suppress: All", "mail/automatic-answer"),
        ("suppresses nothing", "X-Auto-Response-Suppress: None", ""),
        (
            "an answer that calls itself generated",
            "Auto-Submitted: auto-generated\r\nIn-Reply-To: <a@b>",
            "mail/automatic-answer",
        ),
        ("an answer", "Auto-Submitted: auto-replied", "mail/automatic-answer"),
        ("an answer with a comment", "Auto-Submitted: (vacation) auto-replied", "mail/automatic-answer"),
        (
            "an answer with a parameter",
            'Auto-Submitted: Auto-Replied; owner-email="a@example.com"',
            "mail/automatic-answer",
        ),
        ("a word that isn't known yet", "Auto-Submitted: auto-notified", "mail/automatic-answer"),
        ("a vacation program's own field", "X-Autoreply: yes", "mail/automatic-answer"),
        ("by its subject", "Subject: Out of Office: Re: hi", "mail/automatic-answer"),
        ("by its subject in German", "Subject: Automatische Antwort: Termin", "mail/automatic-answer"),
        (
            "by its subject in French",
            "Subject: =?utf-8?q?R=C3=A9ponse_automatique_=3A_Salle?=",
            "mail/automatic-answer",
        ),
        ("of a person who speaks of it", "Subject: Your out of office is on", ""),
        ("junk", "Precedence: junk", "mail/bulk"),
        ("bulk", "Precedence: bulk", "mail/bulk"),
        ("an answering machine's precedence", "Precedence: auto_reply", "mail/bulk"),
        ("a list", "Precedence: list", "mail/list"),
        ("a list by its id", "List-Id: <talk.example.com>", "mail/list"),
        ("a newsletter's way out is no list", "List-Unsubscribe: <https://example.com/u>", ""),
        ("fifty hops", "\r\n".join(["Received: from a by b; now"] * 50), ""),
        ("fifty-one hops", "\r\n".join(["Received: from a by b; now"] * 51), "mail/loop"),
        ("our own trace", "X-Gateway-Trace: elsewhere.example.com", "mail/loop"),
        ("a status report", "Content-Type: message/delivery-status", "mail/bounce"),
        ("failed recipients", "X-Failed-Recipients: b@example.com", "mail/bounce"),
    ],
)
def test_loops_bounces_answers_and_lists_never_become_texts(situation, head, rule):
    assert rule_of(head) == rule


def test_a_mail_without_a_sender_never_becomes_a_text():
    assert rule_of("Subject: Hello", sender="") == "mail/null-sender"


@pytest.mark.parametrize(
    "composed",
    [
        compose_dsn(
            [Told(ANN, Fate.FAILED, "5.7.1", "no")],
            b"From: a@example.com\n\nx",
            Envelope("a@example.com", (ANN,)),
            STAMP,
        ),
        compose_reply(
            Replied("+12125550100", "hi", "a@example.com", "sms.example.com"), Stamp("<r@x>", STAMP.now, "x")
        ),
    ],
    ids=["a notification", "a reply"],
)
def test_what_we_mail_never_becomes_a_text_when_it_comes_back(composed):
    with pytest.raises(NotForTexting):
        read(composed, Envelope("a@example.com", (ANN,)), Settings())

"""A mail's words as a text message, by the site's settings."""

from __future__ import annotations

import pytest

from gateway.mail.model import Attachments, BadMail, Envelope, Mail, Shaping, Subject, Tail, TooLong
from gateway.mail.read import Settings, read
from gateway.mail.text import limited, tight
from gateway.text.segments import segments
from tests.mail.values import ANN


def mail(raw: str, **shaping: object) -> Mail:
    return read(raw.encode(), Envelope("a@example.com", (ANN,)), Settings(shaping=Shaping(**shaping)))


PICTURE = (
    'Content-Type: multipart/mixed; boundary="a-boundary-0001"\n\n'
    "--a-boundary-0001\nContent-Type: text/plain\n\nSee this\n"
    "--a-boundary-0001\nContent-Type: image/png\n\nx\n--a-boundary-0001--\n"
)


@pytest.mark.parametrize(
    ("situation", "subject", "body", "setting", "text"),
    [
        ("never", "Fire", "Zone 4", Subject.NEVER, "Zone 4"),
        ("always", "Fire", "Zone 4", Subject.ALWAYS, "Fire\nZone 4"),
        ("always, and it is empty", "", "Zone 4", Subject.ALWAYS, "Zone 4"),
        ("not twice", "Fire", "Fire in zone 4", Subject.ALWAYS, "Fire in zone 4"),
        ("without the marks of answers", "Re: AW: [EXTERNAL] Fire", "Zone 4", Subject.ALWAYS, "Fire\nZone 4"),
        ("only where the body is empty", "Fire", "Zone 4", Subject.WHEN_EMPTY, "Zone 4"),
        ("the body is empty", "Fire", " \n", Subject.WHEN_EMPTY, "Fire"),
    ],
)
def test_the_subject_is_joined_as_the_site_says(situation, subject, body, setting, text):
    assert mail(f"Subject: {subject}\n\n{body}", subject=setting).text == text


def test_a_mail_that_says_nothing_is_refused():
    with pytest.raises(BadMail) as refused:
        mail("Subject: Fire\n\n \n", subject=Subject.NEVER)
    assert refused.value.status == "5.6.0"


def test_attachments_are_ignored_counted_or_refused():
    assert mail(PICTURE).media == 0
    assert mail(PICTURE, attachments=Attachments.COUNT).media == 1
    with pytest.raises(BadMail, match="attachments") as refused:
        mail(PICTURE, attachments=Attachments.REFUSE)
    assert refused.value.status == "5.6.1"


SAID = "Hi,\nOn June 3 Dr. Who wrote:\nTake two"
ALARM = "ALARM\nFrom: Panel 3\nDate: 2026-06-01\nZone 4: fire"
FORWARDED = (
    "---------- Forwarded message ---------\nFrom: Bob <b@example.com>\nDate: Mon, Jun 1, 2026\nSubject: Hi\n"
    "To: Ann <a@example.com>\n\nDoors close at 6.\n"
)
SIGNED = "Hello\n\n-- \nAnn\n"
DISCLAIMED = "Hello\n\nThis e-mail is confidential.\n"
QUOTED = "Hello\n\nOn Jun 1, 2026, Bob <bob@example.com> wrote:\n> Hi\n"


@pytest.mark.parametrize(
    ("situation", "body", "cut", "text"),
    [
        ("signature cut", SIGNED, {Tail.SIGNATURE}, "Hello"),
        ("signature kept", SIGNED, {Tail.QUOTE, Tail.DISCLAIMER}, "Hello\n--\nAnn"),
        ("disclaimer cut", DISCLAIMED, {Tail.DISCLAIMER}, "Hello"),
        ("disclaimer kept", DISCLAIMED, {Tail.QUOTE, Tail.SIGNATURE}, "Hello\nThis e-mail is confidential."),
        ("quotation cut", QUOTED, {Tail.QUOTE}, "Hello"),
        ("quotation kept", QUOTED, set(), "Hello\nOn Jun 1, 2026, Bob <bob@example.com> wrote:\n> Hi"),
        ("one line that begins with a sign is no quotation", "Load\n> 90 %\n", set(Tail), "Load\n> 90 %"),
        (
            "nothing but a disclaimer is kept",
            "This e-mail is confidential.\n",
            set(Tail),
            "This e-mail is confidential.",
        ),
        ("nothing but a quotation is kept", "> Hi\n> there\n", set(Tail), "Hi\nthere"),
        (
            "a forwarded mail is what it forwards",
            FORWARDED,
            set(Tail),
            "Doors close at 6.",
        ),
        (
            "a date and a writer aren't yet a quotation",
            "Hi,\nOn June 3 Dr. Who wrote:\nTake two\n",
            set(Tail),
            "Hi,\nOn June 3 Dr. Who wrote:\nTake two",
        ),
        ("fields of an alarm are no quotation", ALARM, set(Tail), ALARM),
        ("two dashes in a sentence", "Wait -- there is more\n", set(Tail), "Wait -- there is more"),
    ],
)
def test_what_follows_the_words_is_cut_as_the_site_says(situation, body, cut, text):
    assert mail(f"Subject: x\n\n{body}", cut=frozenset(cut)).text == text


@pytest.mark.parametrize(
    ("situation", "raw", "text"),
    [
        ("spaces and tabs", "a \t  b", "a b"),
        ("blank lines", "a\n\n \n\nb\n", "a\nb"),
        ("line ends of every kind", "a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("no-break and thin spaces", "8\u202fh\xa030", "8 h 30"),
        ("soft hyphens and zero widths", "ab\u00adc\u200bd\ufeff", "abcd"),
        ("a newsletter's padding", "Hi\u200c \u200c \u200c there", "Hi there"),
        ("a family stays a family", "👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("letters with loose accents", "u\u0308ber", "über"),
        ("control characters", "a\x00b\x07c", "abc"),
    ],
)
def test_white_space_is_that_of_a_text_message(situation, raw, text):
    assert tight(raw) == text


@pytest.mark.parametrize(
    ("situation", "text", "most", "expected"),
    [
        ("it fits", "a" * 160, 1, ("a" * 160, False)),
        ("one word too long", "a" * 161, 1, ("a" * 157 + "...", True)),
        ("at the end of a word", "word " * 40, 1, (("word " * 31).rstrip() + "...", True)),
        ("in UCS-2", "я" * 71, 1, ("я" * 67 + "...", True)),
        ("an emoji stays whole", "я" * 66 + "👍🏽" * 3, 1, ("я" * 66 + "...", True)),
    ],
)
def test_a_long_text_is_cut_to_the_segments_allowed(situation, text, most, expected):
    assert limited(text, most, TooLong.CUT) == expected
    assert segments(expected[0]).count <= most


def test_a_long_text_is_refused_where_the_site_says_so():
    with pytest.raises(BadMail, match="7 segments, and 6") as refused:
        mail("Subject: x\n\n" + "word " * 200, too_long=TooLong.REFUSE)
    assert refused.value.status == "5.3.4"


def test_a_mail_knows_its_thread():
    read = mail("Subject: Re: Keys\nMessage-ID:\n <b@x>\nReferences: <a@x>\n <a2@x> junk\n\nhi")
    assert (read.message_id, read.references, read.subject) == ("<b@x>", ("<a@x>", "<a2@x>"), "Keys")

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dialects.kannel.dialect import Kannel
from gateway.words.errors import Unreadable
from gateway.words.message import Send
from gateway.words.wire import Request
from tests.captures import request
from tests.dialects.values import length_of, read, rewritten

KANNEL = Kannel()
XML = request("kannel-post-xml")
TEXT = "Hi Ada, your appointment is confirmed"


def posted(body: str | bytes) -> Request:
    return replace(XML, body=body if isinstance(body, bytes) else body.encode())


def submit(ud: str = "a", rest: str = "", to: str = "<da><number>1</number></da>") -> Request:
    return posted(f"<message><submit>{to}<ud>{ud}</ud>{rest}</submit></message>")


def text_of(sent: Request) -> str | None:
    return read(KANNEL, sent).drafts[0].text


@pytest.mark.parametrize("kept", [0, 1])
def test_a_withheld_recipient_is_taken_out_and_nothing_else(kept):
    written = KANNEL.write(read(KANNEL, XML), {kept: TEXT})
    gone = f"<da><number>{('12025550123', '447700900123')[1 - kept]}</number></da>"
    assert written.body == XML.body.replace(gone.encode(), b"")
    assert length_of(written) == b"%d" % len(written.body)


@pytest.mark.parametrize(
    ("situation", "ud", "text"),
    [
        ("plain", "Hi &amp; &lt;bye&gt;", "Hi & <bye>"),
        ("percent-encoded", "50%25+off%21", "50% off!"),
        ("hex", "48656c6c6f", "Hello"),
        ("raw UTF-8", "café", "café"),
        ("percent-encoded UTF-8", "caf%C3%A9", "café"),
        ("blanks around it", "\n a \n", "a"),
    ],
)
def test_a_text_is_read_as_kannel_decodes_it(situation, ud, text):
    assert text_of(submit(ud)) == text


@pytest.mark.parametrize(
    ("situation", "before", "change", "after"),
    [
        ("plain", "<ud>Hi</ud>", " 5+5 & 10%", "<ud>Hi 5%2B5 &amp; 10%25</ud>"),
        ("percent-encoded", "<ud>a%20b+c</ud>", " d", "<ud>a%20b+c d</ud>"),
        ("hex", "<ud>4869</ud>", "!", "<ud>486921</ud>"),
        ("raw UTF-8", "<ud>é</ud>", "è", "<ud>éè</ud>"),
    ],
)
def test_a_new_text_is_written_so_that_kannel_decodes_it(situation, before, change, after):
    sent = posted(f"<message><submit><da><number>1</number></da>{before}</submit></message>")
    written = rewritten(KANNEL, sent, change)
    assert written.body == sent.body.replace(before.encode(), after.encode())
    assert text_of(written) == f"{text_of(sent)}{change}"


def test_a_new_text_that_looks_like_hex_is_spelled_so_that_it_does_not():
    send = read(KANNEL, submit("Your code"))
    assert KANNEL.write(send, {0: "123456"}).body == submit("%3123456").body


@pytest.mark.parametrize(
    ("situation", "rest", "after"),
    [
        ("no coding", "", "<dcs><coding>2</coding></dcs>"),
        ("a coding", "<dcs><coding>0</coding></dcs>", "<dcs><coding>2</coding></dcs>"),
        ("other schemes", "<dcs><mclass>1</mclass></dcs>", "<dcs><coding>2</coding><mclass>1</mclass></dcs>"),
        ("an empty one", "<dcs/>", "<dcs><coding>2</coding></dcs>"),
    ],
)
def test_a_text_that_leaves_the_gsm_alphabet_says_so(situation, rest, after):
    written = rewritten(KANNEL, submit("Hi", rest), " ✓")
    assert written.body == submit("Hi ✓", after).body
    assert length_of(written) == b"%d" % len(written.body)


def test_binary_data_is_left_alone():
    assert text_of(submit("0605", "<dcs><coding>1</coding></dcs>")) is None
    assert text_of(submit("00", "<udh>0605</udh>")) is None


BAD = [
    ("nothing", ""),
    ("no XML", "to=1&text=a"),
    ("cut short", "<message><submit>"),
    ("ends crossed", "<message><submit></message></submit>"),
    ("more after its end", submit().body.decode() + "x"),
    ("a DOCTYPE", '<!DOCTYPE message [<!ENTITY a "b">]>' + submit("&a;").body.decode()),
    ("an external entity", '<!DOCTYPE m SYSTEM "file:///etc/passwd">' + submit().body.decode()),
    ("a comment in the number", submit(to="<da><number>1202<!-- -->555</number></da>").body.decode()),
    ("CDATA", submit("<![CDATA[a]]>").body.decode()),
    ("an attribute", submit().body.decode().replace("<ud>", '<ud x="1">')),
    ("a processing instruction", submit("<?a b?>c").body.decode()),
    ("a character reference in the number", submit(to="<da><number>&#49;202</number></da>").body.decode()),
    ("an unknown entity", submit("&nbsp;").body.decode()),
    ("two texts", submit(rest="<ud>b</ud>").body.decode()),
    ("an element in the text", submit("a<b>c</b>").body.decode()),
    ("two submits", submit().body.decode().replace("</message>", "<submit></submit></message>")),
    ("two numbers in one receiver", submit(to="<da><number>1</number><number>2</number></da>").body.decode()),
    ("a receiver without a number", submit(to="<da></da>").body.decode()),
    ("an empty number", submit(to="<da><number> </number></da>").body.decode()),
    ("no receiver", submit(to="").body.decode()),
    ("no text", posted("<message><submit><da><number>1</number></da></submit></message>").body.decode()),
    ("an empty text", submit(" ").body.decode()),
    ("a bad escape", submit("50% off").body.decode()),
    ("two codings", submit(rest="<dcs><coding>0</coding><coding>1</coding></dcs>").body.decode()),
    ("another charset", '<?xml version="1.0" encoding="ISO-8859-1"?>' + submit().body.decode()),
    ("UTF-7", '<?xml version="1.0" encoding="UTF-7"?>' + submit().body.decode()),
    ("text that is not UTF-8 once decoded", submit("caf%E9").body.decode()),
]


@pytest.mark.parametrize(("situation", "body"), BAD, ids=[row[0] for row in BAD])
def test_what_is_not_plain_xml_of_one_message_is_refused(situation, body):
    with pytest.raises(Unreadable):
        KANNEL.read(posted(body))


def test_bytes_that_are_not_utf_8_are_refused():
    with pytest.raises(Unreadable):
        KANNEL.read(posted(submit("café").body.decode().encode("latin-1")))


@given(body=st.binary() | st.text(alphabet="<>/&;!?-[]muda12 ").map(str.encode))
@settings(max_examples=200)
def test_any_bytes_are_read_or_refused(body):
    try:
        answered = KANNEL.read(posted(body))
    except Unreadable as error:
        answered = KANNEL.refuse(XML, error.reason, str(error))
    assert isinstance(answered, Send) or answered.status == 400


# XML has no control characters, and its parsers turn a carriage return into a line feed.
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(
    lambda text: text == text.strip() != ""
)


@given(old=texts, new=texts, appended=st.booleans())
@settings(max_examples=200)
def test_a_new_text_reads_back(old, new, appended):
    old = f"Hi {old}"  # which is no hex
    send = read(KANNEL, submit(old.replace("%", "%25").replace("+", "%2B").replace("&", "%26").replace("<", "%3C")))
    assert send.drafts[0].text == old
    wanted = old + new if appended else new
    assert text_of(KANNEL.write(send, {0: wanted})) == wanted

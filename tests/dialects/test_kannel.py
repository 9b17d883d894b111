from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dialects.kannel.dialect import Kannel
from gateway.dialects.texts import MOST_RECIPIENTS
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Send
from gateway.words.number import NO_SENDER, Sender, SenderKind
from gateway.words.outcome import Verdict
from gateway.words.wire import Request, Response
from tests.captures import names, request, response
from tests.dialects.values import BONJOUR, HI, LONG, length_of, outcomes, read, rewritten, with_header

KANNEL = Kannel()
SHOP = Sender(SenderKind.NUMBER, "12025550100")
ACME = Sender(SenderKind.ALPHANUMERIC, "AcmeEnergy")
ANN, BOB, ZOE = "12025550123", "447700900123", "33639980001"

SENDS = {
    "kannel-binary-udh": [Draft(ANN, SHOP, None)],
    "kannel-curl": [Draft(ANN, ACME, HI)],
    "kannel-gsm": [Draft(ANN, SHOP, HI)],
    "kannel-gsm-plus-number": [Draft("+" + ANN, ACME, HI)],
    "kannel-latin1": [Draft(ZOE, SHOP, "Votre rendez-vous est confirmé à 10h30. STOP pour se désinscrire")],
    "kannel-long": [Draft(BOB, SHOP, LONG)],
    "kannel-multi": [Draft(ANN, SHOP, HI), Draft(BOB, SHOP, HI), Draft(ZOE, SHOP, HI)],
    "kannel-post-text": [Draft(ANN, SHOP, HI)],
    "kannel-post-xml": [Draft(to, SHOP, "Hi Ada, your appointment is confirmed") for to in (ANN, BOB)],
    "kannel-scheduled": [Draft(ANN, SHOP, HI, delay=timedelta(minutes=120))],
    "kannel-status-callback": [Draft(ANN, SHOP, HI)],
    "kannel-unicode-ucs2": [Draft(ANN, SHOP, BONJOUR)],
    "kannel-unicode-utf8": [Draft(ANN, ACME, BONJOUR)],
    "kannel-user-pass-aliases": [Draft(ANN, SHOP, "Hello world")],
    "kannel-windows1252": [Draft(ZOE, SHOP, "Coût: 5 € – à payer")],
}
# What stands on the wire where " Txt STOP, £5" is appended; the text as it was spelled ends right before it.
APPENDED = {
    "kannel-curl": "+Txt+STOP%2c+%c2%a35",
    "kannel-latin1": "+Txt+STOP%2C+%A35",
    "kannel-windows1252": "+Txt+STOP%2C+%A35",
    "kannel-unicode-ucs2": "".join(
        f"%00{quote(char, safe='') if char.isascii() else '%A3'}" for char in " Txt STOP, £5"
    ),
    "kannel-post-text": " Txt STOP, £5",
    "kannel-post-xml": " Txt STOP, £5",
}
GSM = request("kannel-gsm")
MULTI = request("kannel-multi")
POSTED = request("kannel-post-text")


def asked(query: str | bytes, path: str = "/cgi-bin/sendsms") -> Request:
    query = query if isinstance(query, bytes) else query.encode()
    return replace(GSM, target=path.encode() + b"?" + query)


def formed(body: str) -> Request:
    headers = ((b"Content-Type", b"application/x-www-form-urlencoded"), (b"Content-Length", b"%d" % len(body)))
    return Request(b"POST", b"/cgi-bin/sendsms", headers, body.encode())


def target(sent: Request) -> str:
    return sent.target.decode()


def test_every_capture_has_an_expectation():
    assert sorted(SENDS) == [name for name in names("kannel-*") if not name.endswith(".response")]


@pytest.mark.parametrize("name", SENDS)
def test_a_captured_send_is_read_as_the_client_meant_it(name):
    assert list(read(KANNEL, request(name)).drafts) == SENDS[name]


@pytest.mark.parametrize("name", SENDS)
def test_unchanged_texts_leave_as_the_very_same_request(name):
    send = read(KANNEL, request(name))
    assert KANNEL.write(send, {place: draft.text for place, draft in enumerate(send.drafts)}) is send.request


@pytest.mark.parametrize("name", [name for name, drafts in SENDS.items() if drafts[0].text])
def test_an_appended_text_changes_the_text_and_its_length_only(name):
    before = request(name)
    after = rewritten(KANNEL, before, " Txt STOP, £5")
    assert list(read(KANNEL, after).drafts) == [replace(d, text=f"{d.text} Txt STOP, £5") for d in SENDS[name]]
    added = APPENDED.get(name, "+Txt+STOP%2C+%C2%A35").encode()
    cut_out = (after.body if before.body else after.target).replace(added, b"", 1)
    assert cut_out == (before.body or before.target)
    if before.body:
        assert length_of(after) == b"%d" % len(after.body)
        assert after.target == before.target
    assert [key for key, _ in after.headers] == [key for key, _ in before.headers]


@pytest.mark.parametrize("name", names("webhooks/kannel-*"))
def test_a_webhook_is_no_send(name):
    assert not KANNEL.claims(request(name))


UNICODE = [
    ("nothing said", "to=1202&text=Hi", "to=1202&text=Hi+%E2%9C%93&coding=2&charset=UTF-8"),
    ("7-bit said", "coding=0&to=1202&text=Hi", "coding=2&to=1202&text=Hi+%E2%9C%93&charset=UTF-8"),
    ("Latin-1 said", "charset=latin1&text=Hi&to=1", "charset=UTF-8&text=Hi+%E2%9C%93&to=1&coding=2"),
    ("UCS-2 said already", "to=1&coding=2&text=%00H", "to=1&coding=2&text=%00H%00%20%27%13"),
    ("UCS-2 in UTF-8 already", "to=1&coding=2&charset=utf-8&text=Hi", "to=1&coding=2&charset=utf-8&text=Hi+%E2%9C%93"),
    ("never was GSM: the client's own choice", "to=1&text=%E2%9C%93", "to=1&text=%E2%9C%93+%E2%9C%93"),
]


@pytest.mark.parametrize(("situation", "query", "after"), UNICODE, ids=[row[0] for row in UNICODE])
def test_a_text_that_leaves_the_gsm_alphabet_says_so(situation, query, after):
    written = rewritten(KANNEL, asked(query), " ✓")
    if "%00" not in query:
        assert written.query == after.encode()
    assert read(KANNEL, written).drafts[0].text.endswith(" ✓")


def test_a_posted_text_that_leaves_the_gsm_alphabet_says_so_in_its_headers():
    written = rewritten(KANNEL, with_header(POSTED, b"Content-Type", b"text/plain; charset=ISO-8859-1"), " ✓")
    assert written.body.endswith(" ✓".encode())
    assert written.header(b"x-kannel-coding") == b"2"
    assert written.header(b"content-type") == b"text/plain; charset=UTF-8"
    assert read(KANNEL, written).drafts[0].text.endswith(" ✓")


def test_a_character_that_the_charset_has_no_place_for_needs_another_charset():
    written = rewritten(KANNEL, asked("to=1&charset=ISO-8859-1&text=caf%E9"), " Δ")
    assert written.query == b"to=1&charset=UTF-8&text=caf%C3%A9+%CE%94&coding=2"


def test_kannel_1_4_takes_what_names_no_charset_for_latin_1():
    old = Kannel(charset="ISO-8859-1")
    assert read(old, asked("to=1&text=caf%E9")).drafts[0].text == "café"
    assert rewritten(old, asked("to=1&text=caf%E9"), " é").query == b"to=1&text=caf%E9+%E9"


@pytest.mark.parametrize(
    ("kept", "to"),
    [
        ([0], "12025550123"),
        ([1], "447700900123"),
        ([2], "33639980001"),
        ([0, 1], "12025550123+447700900123"),
        ([0, 2], "12025550123+33639980001"),
        ([1, 2], "447700900123+33639980001"),
    ],
)
def test_withheld_recipients_are_taken_out_and_nothing_else(kept, to):
    send = read(KANNEL, MULTI)
    written = KANNEL.write(send, dict.fromkeys(kept, HI))
    assert target(written) == target(MULTI).replace("12025550123+447700900123+33639980001", to)
    assert written.headers == MULTI.headers


@pytest.mark.parametrize(
    ("spelled", "recipients", "without_first"),
    [
        ("1202%204477%203363%20", ["1202", "4477", "3363"], "4477%203363"),
        ("1202+%2B4477%09+3363", ["1202", "+4477", "+3363"], "%2B4477%09+3363"),
        ("++1202++4477", ["+1202", "+4477"], "4477"),
        ("%2B1202%0a%0D4477+", ["+1202", "4477"], "4477"),
    ],
)
def test_recipients_are_split_at_white_space_however_it_is_spelled(spelled, recipients, without_first):
    send = read(KANNEL, asked(f"to={spelled}&text=a"))
    assert [draft.to for draft in send.drafts] == recipients
    written = KANNEL.write(send, dict.fromkeys(range(1, len(recipients)), "a"))
    assert written.query.decode() == f"to={without_first}&text=a"


def test_a_plus_that_was_left_unescaped_is_read_as_one():
    assert read(KANNEL, asked("to=+12025550123&text=a")).drafts[0].to == "+12025550123"


def test_recipients_in_a_header_and_in_a_form_are_taken_out_alike():
    headed = with_header(POSTED, b"X-Kannel-To", b"1202 4477 3363")
    send = read(KANNEL, headed)
    assert KANNEL.write(send, {0: HI, 2: HI}).header(b"x-kannel-to") == b"1202 3363"
    form = read(KANNEL, formed("to=1202+4477&text=a"))
    assert KANNEL.write(form, {1: "a"}).body == b"to=4477&text=a"
    assert length_of(KANNEL.write(form, {1: "a"})) == b"14"


def test_one_instruction_for_all_where_one_of_them_needs_it():
    send = read(KANNEL, asked("to=1202+4477&text=a"))
    assert KANNEL.write(send, {0: "a", 1: "a STOP"}).query == b"to=1202+4477&text=a+STOP"


def test_texts_that_no_single_one_can_stand_for_are_refused():
    send = read(KANNEL, asked("to=1202+4477&text=a"))
    with pytest.raises(Unreadable, match="different texts"):
        KANNEL.write(send, {0: "AD a", 1: "a STOP"})


def test_a_binary_message_keeps_its_data_when_a_recipient_is_taken_out():
    send = read(KANNEL, asked("to=1202+4477&coding=1&text=%24%00"))
    assert send.drafts[0].text is None
    assert KANNEL.write(send, {1: None}).query == b"to=4477&coding=1&text=%24%00"


BAD = [
    ("no recipient", "text=a", "to", "Missing receiver number, rejected"),
    ("an empty recipient", "to=&text=a", "to", "Missing receiver number, rejected"),
    ("a blank recipient", "to=+%20&text=a", "to", "Missing receiver number, rejected"),
    ("no text", "to=1", "text", "Empty text not allowed, rejected"),
    ("a blank text", "to=1&text=+", "text", "Empty text not allowed, rejected"),
    ("to twice", "to=1&to=2&text=a", "to", "twice"),
    ("to twice, in capitals", "to=1&TO=2&text=a", "to", "twice"),
    ("text twice", "to=1&text=a&text=b", "text", "twice"),
    ("text twice, once escaped", "to=1&text=a&%74ext=b", "text", "twice"),
    ("text behind a semicolon", "to=1;text=b&text=a", "text", "semicolon"),
    ("charset twice", "to=1&text=a&charset=utf-8&charset=latin1", "charset", "twice"),
    ("an unknown charset", "to=1&text=a&charset=koi8-r", "charset", "unknown"),
    ("a charset of Python's own", "to=1&text=a&charset=rot13", "charset", "unknown"),
    ("not in its charset", "to=1&text=%E9", "charset", "not valid UTF-8"),
    ("half of a UCS-2 character", "to=1&text=%00a%00&coding=2", "charset", "not valid UTF-16BE"),
    ("an unknown coding", "to=1&text=a&coding=3", "coding", "Coding field misformed, rejected"),
    ("a coding that some read as 1", "to=1&text=a&coding=1x", "coding", "Coding field misformed, rejected"),
    ("a bad escape", "to=1&text=50%", "", "hex digits"),
    ("a recipient in Latin-1", "to=%E9&text=a", "to", "UTF-8"),
    ("too many recipients", f"to={'1+' * (MOST_RECIPIENTS + 1)}&text=a", "to", "more than"),
    ("a method in the query", "to=1&text=a&_method=POST", "_method", "hidden"),
]


@pytest.mark.parametrize(("situation", "query", "field", "why"), BAD, ids=[row[0] for row in BAD])
def test_a_query_that_makes_no_sense_is_refused_in_kannels_words(situation, query, field, why):
    for sent in (asked(query), formed(query)):
        with pytest.raises(Unreadable, match=why) as caught:
            KANNEL.read(sent)
        assert caught.value.field == field
        answer = KANNEL.refuse(sent, caught.value.reason, str(caught.value), field)
        assert answer.status == 400
        assert answer.body == str(caught.value).encode()


DISGUISES = [
    ("upper case", replace(GSM, target=b"/CGI-BIN/SENDSMS?to=1&text=a")),
    ("an escape", replace(GSM, target=b"/cgi-bin/send%73ms?to=1&text=a")),
    ("escaped twice", replace(GSM, target=b"/cgi-bin/send%2573ms?to=1&text=a")),
    ("a doubled slash", replace(GSM, target=b"//cgi-bin//sendsms?to=1&text=a")),
    ("a trailing slash", replace(GSM, target=b"/cgi-bin/sendsms/?to=1&text=a")),
    ("dot segments", replace(GSM, target=b"/cgi-bin/../cgi-bin/./sendsms?to=1&text=a")),
    ("parameters", replace(GSM, target=b"/cgi-bin/sendsms;a=b?to=1&text=a")),
    ("HEAD, which Kannel takes for a GET", replace(GSM, method=b"HEAD")),
    ("DELETE, which Kannel takes for a GET", replace(GSM, method=b"DELETE")),
    ("get", replace(GSM, method=b"get")),
    ("PUT", replace(POSTED, method=b"PUT")),
    ("GET with a body", replace(GSM, body=b"to=2&text=b")),
    ("GET with a recipient in a header", with_header(GSM, b"X-Kannel-To", b"4477")),
    ("GET that overrides its method", with_header(GSM, b"X-HTTP-Method-Override", b"POST")),
    ("a text posted, and fields in the query", replace(POSTED, target=GSM.target)),
    ("a form posted, and a recipient in the query", replace(formed("to=1&text=a"), target=b"/cgi-bin/sendsms?to=2")),
    ("two recipient headers", replace(POSTED, headers=(*POSTED.headers, (b"x-kannel-to", b"4477")))),
    ("two coding headers", replace(POSTED, headers=(*POSTED.headers, (b"X-Kannel-Coding", b"1")) * 2)),
    ("HTML posted", with_header(POSTED, b"Content-Type", b"text/html")),
    ("JSON posted", with_header(POSTED, b"Content-Type", b"application/json")),
    ("nothing said of what is posted", with_header(POSTED, b"Content-Type", b"")),
    ("compressed", with_header(POSTED, b"Content-Encoding", b"deflate")),
    ("an unknown charset posted", with_header(POSTED, b"Content-Type", b"text/plain; charset=utf-7")),
    ("settings over the air", replace(GSM, target=b"/cgi-bin/sendota?to=1&text=a")),
    ("XML-RPC", replace(POSTED, target=b"/cgi-bin/xmlrpc")),
]


@pytest.mark.parametrize(("disguise", "sent"), DISGUISES, ids=[row[0] for row in DISGUISES])
def test_a_send_in_disguise_is_claimed_and_refused(disguise, sent):
    assert KANNEL.claims(replace(sent, body=b""))
    with pytest.raises(Unreadable):
        KANNEL.read(sent)


@pytest.mark.parametrize("path", [b"/", b"/status", b"/cgi-bin/", b"/cgi-bin/sendsmsx", b"/x/sendsms"])
def test_other_paths_are_no_sends(path):
    assert not KANNEL.claims(replace(GSM, target=path))


def test_the_path_is_the_operators():
    copy = Kannel(path="/Sms/Send")
    assert not copy.claims(GSM)
    assert [draft.to for draft in read(copy, asked("to=1&text=a", "/Sms/Send")).drafts] == ["1"]
    assert copy.claims(asked("to=1&text=a", "/sms/send"))


def test_octets_are_binary_unless_their_coding_says_otherwise():
    octets = with_header(POSTED, b"Content-Type", b"application/octet-stream")
    assert read(KANNEL, octets).drafts[0].text is None
    assert read(KANNEL, with_header(octets, b"X-Kannel-Coding", b"0")).drafts[0].text == HI
    assert read(KANNEL, with_header(POSTED, b"X-Kannel-UDH", b"0605")).drafts[0].text is None


def test_a_copy_may_be_posted_its_query():
    assert read(KANNEL, replace(GSM, method=b"POST")).drafts == (Draft(ANN, SHOP, HI),)


def test_no_sender_is_kannels_default_sender():
    assert read(KANNEL, asked("to=1&text=a")).drafts[0].sender is NO_SENDER


REFUSALS = {
    Reason.SUPPRESSED: (400, "Number(s) has/have been denied by white- and/or black-lists. why"),
    Reason.BAD_NUMBER: (400, "Receiver number misformed, rejected. why"),
    Reason.BAD_REQUEST: (400, "why"),
    Reason.TRY_AGAIN: (503, "Temporal failure, try again later. why"),
}


@pytest.mark.parametrize("reason", Reason)
def test_a_refusal_is_no_2xx_and_begins_with_kannels_words(reason):
    answer = KANNEL.refuse(GSM, reason, "why")
    assert (answer.status, answer.body.decode()) == REFUSALS.get(reason, (403, "Not routable. Do not try again. why"))
    assert not answer.body.startswith((b"0:", b"3:", b"Sent"))


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_carrier_that_is_away_is_a_temporal_failure(status):
    answer = KANNEL.away(GSM, status, "no answer\r\nin time")
    assert (answer.status, answer.body) == (status, b"Temporal failure, try again later. no answer in time")


@pytest.mark.parametrize(
    ("situation", "carrier", "verdict"),
    [
        ("accepted", response("kannel-gsm"), Verdict.ACCEPTED),
        ("queued", Response(202, (), b"3: Queued for later delivery"), Verdict.ACCEPTED),
        ("a copy's OK", Response(200, (), b"OK 4711"), Verdict.ACCEPTED),
        ("partly denied", response("errors/kannel-partly-denied"), Verdict.ACCEPTED),
        ("bad credentials", response("errors/kannel-auth"), Verdict.REFUSED),
        ("invalid", response("errors/kannel-invalid"), Verdict.REFUSED),
        ("not routable", response("errors/kannel-not-routable"), Verdict.REFUSED),
        ("opted out", response("errors/kannel-opted-out"), Verdict.REFUSED),
        ("temporal", response("errors/kannel-temporary"), Verdict.REFUSED),
        ("failed in the middle", response("errors/kannel-server-error"), Verdict.UNKNOWN),
        ("a 503 of something in between", Response(503, (), b"upstream timed out"), Verdict.UNKNOWN),
    ],
)
def test_the_carriers_answer_says_what_became_of_the_message(situation, carrier, verdict):
    assert KANNEL.verdict(carrier) is verdict


def test_nothing_withheld_is_the_carriers_own_answer():
    send, carrier = read(KANNEL, MULTI), response("kannel-multi")
    assert KANNEL.answer(send, outcomes(send), carrier) is carrier


@pytest.mark.parametrize(
    ("carrier", "joined"),
    [
        (b"0: Accepted for delivery", b"Sent. Denied receivers are: 447700900123"),
        (b"3: Queued for later delivery", b"Sent. Denied receivers are: 447700900123"),
        (b"Sent.", b"Sent. Denied receivers are: 447700900123"),
        (b"OK 4711", b"OK 4711 Denied receivers are: 447700900123"),
        (b"Sent. Message splits: 2", b"Sent. Denied receivers are: 447700900123 Message splits: 2"),
        (b"Sent. Denied receivers are: 33639980001", b"Sent. Denied receivers are: 447700900123 33639980001"),
    ],
)
def test_a_withheld_recipient_is_denied_in_the_carriers_answer(carrier, joined):
    send = read(KANNEL, MULTI)
    answer = KANNEL.answer(send, outcomes(send, 1), replace(response("kannel-multi"), body=carrier))
    assert (answer.status, answer.body) == (202, joined)
    assert answer.header(b"content-length") == b"%d" % len(joined)
    assert [name for name, _ in answer.headers] == [name for name, _ in response("kannel-multi").headers]


def test_the_captured_answer_to_a_partly_denied_request_is_ours():
    send = read(KANNEL, MULTI)
    answer = KANNEL.answer(send, outcomes(send, 1), response("kannel-multi"))
    assert answer == response("errors/kannel-partly-denied")


def test_a_carrier_that_refuses_them_all_is_told_as_it_is():
    send, carrier = read(KANNEL, MULTI), response("errors/kannel-not-routable")
    assert KANNEL.answer(send, outcomes(send, 1), carrier) is carrier


bodies = st.binary() | st.text(alphabet="to=&text%2;+5a12 ").map(str.encode)


@given(
    query=bodies, method=st.sampled_from([b"GET", b"POST"]), kind=st.sampled_from([b"text/plain", b"text/xml", b"x"])
)
@settings(max_examples=200)
def test_any_request_is_read_or_refused_and_nothing_else_happens(query, method, kind):
    sent = replace(with_header(GSM, b"Content-Type", kind), method=method, target=b"/cgi-bin/sendsms?to=1&" + query)
    for tried in (sent, replace(sent, target=b"/cgi-bin/sendsms", body=query)):
        try:
            answered = KANNEL.read(tried)
        except Unreadable as error:
            answered = KANNEL.refuse(tried, error.reason, str(error), error.field)
        assert isinstance(answered, Send) or answered.status == 400


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
CHARSETS = [("", "", "utf-8"), ("2", "", "utf-16-be"), ("0", "ISO-8859-1", "latin-1"), ("", "windows-1252", "cp1252")]


@given(old=texts, new=texts, other=st.text(), how=st.sampled_from(CHARSETS))
@settings(max_examples=200)
def test_a_new_text_reads_back_and_no_other_field_changes(old, new, other, how):
    coding, charset, codec = how
    data = old.encode(codec, "ignore")
    if not data.decode(codec).strip():
        return
    fields = {"user": other.encode("utf-8", "ignore"), "to": "1202 4477", "coding": coding, "charset": charset}
    send = read(KANNEL, asked(urlencode(fields, quote_via=quote) + "&text=" + quote_plus(data)))
    after = KANNEL.write(send, {0: new, 1: new})
    assert [draft.text for draft in read(KANNEL, after).drafts] == [new, new]
    changeable = (b"text=", b"coding=", b"charset=")
    kept = [part for part in send.request.query.split(b"&") if not part.startswith(changeable)]
    assert [part for part in after.query.split(b"&") if not part.startswith(changeable)] == kept

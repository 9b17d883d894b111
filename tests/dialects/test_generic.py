from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.dialects import DIALECTS, dialect_named
from gateway.dialects.generic.description import GenericDescription
from gateway.dialects.generic.dialect import Generic
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Send
from gateway.words.number import NO_SENDER, Sender, SenderKind
from gateway.words.outcome import Verdict
from gateway.words.wire import Request, Response
from tests.dialects.values import length_of, outcomes, read, rewritten, with_header

ACME = Sender(SenderKind.ALPHANUMERIC, "Acme")


def described(text: str) -> Generic:
    return Generic(GenericDescription.model_validate(yaml.safe_load(text)))


BATCH = described("""
name: house
send: {path: /api/*/batch, body: json}
fields: {to: "messages[].destinations[].to", from: "messages[].sender", text: "messages[].content.text"}
encoding: {field: "messages[].content.unicode", unicode: true}
success: {status: [200, 202], field: "results[].state", value: [QUEUED, SENT]}
results: {at: "results[]", refused: '{"to": "{to}", "state": "REFUSED", "why": "{message}", "code": "{code}"}'}
errors:
  suppressed: {status: 403, code: OPTED_OUT, body: '{"code": "{code}", "text": "{message}"}'}
  try_again: {status: 503, type: text/plain, body: "later: {message}"}
  default: {status: 422, type: application/xml, body: "<error code='{code}'>{message}</error>"}
""")
FLAT = described("""
name: flat
send: {path: /sms, body: json}
fields: {to: "to[]", text: body, from: from}
""")
JOINED = described("""
name: joined
send: {path: /sms, body: json}
fields: {to: recipients, text: body, separator: ","}
""")
FORM = described("""
name: form
send: {path: /send, body: form}
fields: {to: dst, text: msg, from: src, separator: ";"}
encoding: {field: enc, unicode: UCS2}
""")
QUERY = described("""
name: query
send: {method: GET, path: /send, body: query}
fields: {to: dst, text: msg}
success: {status: 200, field: ok, value: true}
""")

JSON_HEAD = ((b"Content-Type", b"application/json"), (b"Content-Length", b"0"))
FORM_HEAD = ((b"Content-Type", b"application/x-www-form-urlencoded"), (b"Content-Length", b"0"))


def batch(body: str) -> Request:
    return Request(b"POST", b"/api/v2/batch?version=1", JSON_HEAD, body.encode())


def flat(body: str) -> Request:
    return Request(b"POST", b"/sms", JSON_HEAD, body.encode())


def form(body: str) -> Request:
    return Request(b"POST", b"/send", FORM_HEAD, body.encode())


def query(text: str) -> Request:
    return Request(b"GET", b"/send?" + text.encode(), ())


TWO = (
    '{"id": 1.0, "messages": [{"sender": "Acme", "destinations": [{"to": "1202", "id": 7}, {"to": 4477}], '
    '"content": {"text": "caf\\u00e9"}}, {"destinations": [{"to": "+3363"}], '
    '"content": {"text": "b", "unicode": false}}]}'
)


def test_nested_messages_are_read_in_order_each_with_its_own_text_and_sender():
    assert read(BATCH, batch(TWO)).drafts == (
        Draft("1202", ACME, "café"),
        Draft("4477", ACME, "café"),
        Draft("+3363", NO_SENDER, "b"),
    )


WRITTEN = [
    ("all texts as they were", {0: "café", 1: "café", 2: "b"}, TWO),
    ("one text", {0: "café", 1: "café", 2: "b STOP"}, TWO.replace('"b"', '"b STOP"')),
    ("a text of two recipients", {0: "café!", 1: "café", 2: "b"}, TWO.replace("\\u00e9", "\\u00e9!")),
    ("without the first", {1: "café", 2: "b"}, TWO.replace('{"to": "1202", "id": 7}, ', "")),
    ("without the second", {0: "café", 2: "b"}, TWO.replace(', {"to": 4477}', "")),
    (
        "without the first message",
        {2: "b"},
        '{"id": 1.0, "messages": [' + TWO[TWO.index('{"destinations": [{"to": "+3363"') :],
    ),
    (
        "without the second message",
        {0: "café", 1: "café"},
        TWO[: TWO.index(', {"destinations": [{"to": "+3363"')] + "]}",
    ),
    (
        "out of the GSM alphabet",
        {0: "café ✓", 1: "café ✓", 2: "b ✓"},
        TWO.replace('\\u00e9"', '\\u00e9 \\u2713", "unicode": true').replace(
            '"b", "unicode": false', '"b \\u2713", "unicode": true'
        ),
    ),
]


@pytest.mark.parametrize(("situation", "texts", "body"), WRITTEN, ids=[row[0] for row in WRITTEN])
def test_what_leaves_differs_only_where_it_must(situation, texts, body):
    send = read(BATCH, batch(TWO))
    written = BATCH.write(send, texts)
    assert written.body.decode() == body
    json.loads(written.body)
    if body == TWO:
        assert written is send.request
    else:
        assert length_of(written) == b"%d" % len(body)


def test_a_list_of_recipients_and_one_text():
    send = read(FLAT, flat('{"to": ["1", "2", 3], "from": 12345, "body": "a"}'))
    short_code = Sender(SenderKind.SHORT_CODE, "12345")
    assert send.drafts == tuple(Draft(to, short_code, "a") for to in "123")
    assert FLAT.write(send, {0: "a", 2: "a!"}).body == b'{"to": ["1", 3], "from": 12345, "body": "a!"}'
    assert not FLAT.one_recipient


def test_recipients_joined_in_one_string():
    send = read(JOINED, flat('{"recipients": "1,+2,3", "body": "a"}'))
    assert [draft.to for draft in send.drafts] == ["1", "+2", "3"]
    assert JOINED.write(send, {0: "a", 2: "a"}).body == b'{"recipients": "1,3", "body": "a"}'
    assert JOINED.write(send, {0: "b", 1: "b", 2: "b"}).body == b'{"recipients": "1,+2,3", "body": "b"}'


def test_a_form():
    send = read(FORM, form("src=Acme&dst=1%3B2&msg=a+b"))
    assert send.drafts == (Draft("1", ACME, "a b"), Draft("2", ACME, "a b"))
    written = FORM.write(send, {1: "a b ✓"})
    assert written.body == b"src=Acme&dst=2&msg=a+b+%E2%9C%93&enc=UCS2"
    assert length_of(written) == b"%d" % len(written.body)


def test_a_query():
    assert read(QUERY, query("dst=+1202&msg=a")).drafts == (Draft("+1202", NO_SENDER, "a"),)
    assert rewritten(QUERY, query("k=%41&dst=1202&msg=a"), " b").target == b"/send?k=%41&dst=1202&msg=a+b"
    assert QUERY.one_recipient


BAD = [
    ("no JSON", BATCH, batch("to=1")),
    ("more after its end", BATCH, batch(TWO + "x")),
    ("a key twice", FLAT, flat('{"to": ["1"], "to": ["2"], "body": "a"}')),
    ("a key twice, once in another case", FLAT, flat('{"to": ["1"], "To": ["2"], "body": "a"}')),
    ("a key in another case", FLAT, flat('{"to": ["1"], "Body": "a"}')),
    ("no messages", BATCH, batch("{}")),
    ("an empty list", BATCH, batch('{"messages": []}')),
    ("no list", BATCH, batch('{"messages": {}}')),
    ("no object", BATCH, batch('{"messages": [1]}')),
    ("no recipient in one of them", FLAT, flat('{"to": ["1", null], "body": "a"}')),
    ("an empty recipient", FLAT, flat('{"to": ["1", ""], "body": "a"}')),
    ("a recipient that is a list", FLAT, flat('{"to": [["1"]], "body": "a"}')),
    ("a recipient that is true", FLAT, flat('{"to": [true], "body": "a"}')),
    ("a message without destinations", BATCH, batch(TWO.replace('"destinations": [{"to": "+3363"}], ', ""))),
    ("no text", FLAT, flat('{"to": ["1"]}')),
    ("an empty text", FLAT, flat('{"to": ["1"], "body": " "}')),
    ("a text that is a number", FLAT, flat('{"to": ["1"], "body": 1}')),
    ("an empty part", JOINED, flat('{"recipients": "1,,2", "body": "a"}')),
    ("two recipients' fields", FORM, form("dst=1&dst=2&msg=a")),
    ("a hidden recipient", FORM, form("dst=1&x=a;dst=2&msg=a")),
    ("no recipient", FORM, form("msg=a")),
    ("a text that is not UTF-8", FORM, form("dst=1&msg=%E9")),
    ("another content type", FLAT, with_header(flat('{"to": ["1"], "body": "a"}'), b"Content-Type", b"text/plain")),
    ("another charset", FLAT, with_header(flat("{}"), b"Content-Type", b"application/json; charset=utf-16")),
    ("compressed", FLAT, with_header(flat("{}"), b"Content-Encoding", b"gzip")),
    ("another method", FLAT, replace(flat('{"to": ["1"], "body": "a"}'), method=b"PUT")),
    ("an overridden method", FLAT, with_header(flat('{"to": ["1"], "body": "a"}'), b"X-HTTP-Method", b"GET")),
    ("another spelling", FLAT, replace(flat('{"to": ["1"], "body": "a"}'), target=b"/%73ms")),
    ("a doubled slash", FLAT, replace(flat('{"to": ["1"], "body": "a"}'), target=b"//sms")),
    ("a text in the query too", FLAT, replace(flat('{"to": ["1"], "body": "a"}'), target=b"/sms?body=b")),
    ("a recipient in the query too", BATCH, replace(batch(TWO), target=b"/api/v2/batch?to=1")),
    ("a body beside the query", QUERY, replace(query("dst=1&msg=a"), body=b"dst=2")),
]


@pytest.mark.parametrize(("situation", "dialect", "sent"), BAD, ids=[row[0] for row in BAD])
def test_what_makes_no_sense_is_refused(situation, dialect, sent):
    assert dialect.claims(replace(sent, body=b""))
    with pytest.raises(Unreadable):
        dialect.read(sent)


@pytest.mark.parametrize("target", [b"/", b"/api/batch", b"/api/a/b/batch", b"/api/v2/batch/7"])
def test_other_paths_are_no_sends(target):
    assert not BATCH.claims(replace(batch(TWO), target=target))


def test_reading_is_no_send():
    assert not BATCH.claims(replace(batch(""), method=b"GET"))
    assert QUERY.claims(query("dst=1&msg=a"))


ERRORS = [
    (Reason.SUPPRESSED, 403, '{"code": "OPTED_OUT", "text": "a \\"b\\" <c>"}'),
    (Reason.TRY_AGAIN, 503, 'later: a "b" <c>'),
    (Reason.HOURS, 422, "<error code='hours'>a &quot;b&quot; &lt;c&gt;</error>"),
]


@pytest.mark.parametrize(("reason", "status", "body"), ERRORS)
def test_a_refusal_is_the_operators_template_with_safe_values(reason, status, body):
    answer = BATCH.refuse(batch(TWO), reason, 'a "b" <c>')
    assert (answer.status, answer.body.decode()) == (status, body)


@given(why=st.text(st.characters(exclude_categories=["Cs", "Cc"])))
@settings(max_examples=100)
def test_no_reason_breaks_out_of_its_template(why):
    assert json.loads(BATCH.refuse(batch(TWO), Reason.SUPPRESSED, why).body)["text"] == why
    assert (ET.fromstring(BATCH.refuse(batch(TWO), Reason.CAP, why).body).text or "") == why
    assert BATCH.refuse(batch(TWO), Reason.TRY_AGAIN, why + "\r\nx").body.count(b"\n") == 0


def test_a_description_without_errors_has_sensible_ones():
    assert FLAT.refuse(flat(""), Reason.HOURS, "too late").status == 400
    assert json.loads(FLAT.refuse(flat(""), Reason.HOURS, "too late").body) == {
        "error": {"code": "hours", "message": "too late"}
    }
    assert FLAT.refuse(flat(""), Reason.TRY_AGAIN, "later").status == 503
    assert FLAT.away(flat(""), 504, "no answer").status == 504


def results(*states: str) -> Response:
    body = json.dumps({"results": [{"to": str(place), "state": state} for place, state in enumerate(states)]})
    return Response(202, ((b"Content-Length", b"0"),), body.encode())


@pytest.mark.parametrize(
    ("situation", "dialect", "carrier", "verdict"),
    [
        ("accepted", BATCH, results("QUEUED"), Verdict.ACCEPTED),
        ("one of two accepted", BATCH, results("BAD", "SENT"), Verdict.ACCEPTED),
        ("none accepted", BATCH, results("BAD", "BAD"), Verdict.REFUSED),
        ("another status", BATCH, replace(results("QUEUED"), status=201), Verdict.UNKNOWN),
        ("no such field", BATCH, Response(200, (), b"{}"), Verdict.UNKNOWN),
        ("a list of nothing", BATCH, results(), Verdict.UNKNOWN),
        ("no JSON", BATCH, Response(200, (), b"<html>"), Verdict.UNKNOWN),
        ("refused", BATCH, Response(422, (), b""), Verdict.REFUSED),
        ("broken", BATCH, Response(500, (), b""), Verdict.UNKNOWN),
        ("true", QUERY, Response(200, (), b'{"ok": true}'), Verdict.ACCEPTED),
        ("false", QUERY, Response(200, (), b'{"ok": false}'), Verdict.REFUSED),
        ("a status is enough", FLAT, Response(201, (), b"whatever"), Verdict.ACCEPTED),
    ],
)
def test_the_carriers_answer_says_what_became_of_the_messages(situation, dialect, carrier, verdict):
    assert dialect.verdict(carrier) is verdict


def test_withheld_messages_stand_at_their_places_in_the_carriers_answer():
    send = read(BATCH, batch(TWO))
    answer = BATCH.answer(send, outcomes(send, 0, 2), results("QUEUED"))
    first, carriers, last = json.loads(answer.body)["results"]
    assert carriers == {"to": "0", "state": "QUEUED"}
    assert first == {"to": "1202", "state": "REFUSED", "why": "opted out on 2026-01-02", "code": "suppressed"}
    assert last["to"] == "+3363"
    assert answer.header(b"content-length") == b"%d" % len(answer.body)
    assert results("QUEUED").body[:14] == answer.body[:14]


def test_answers_to_a_request_that_left_as_several_are_one_in_the_order_of_its_messages():
    first, second = results("QUEUED", "QUEUED"), results("QUEUED")
    answer = BATCH.joined([((0, 2), first), ((1,), second)])
    entries = [json.loads(each.body)["results"] for each in (first, second)]
    assert json.loads(answer.body)["results"] == [entries[0][0], entries[1][0], entries[0][1]]
    assert answer.header(b"content-length") == b"%d" % len(answer.body)


@pytest.mark.parametrize("body", [b"", b"[]", b"OK", b'{"results": "QUEUED"}'])
def test_where_one_of_them_can_not_be_read_the_first_stands_for_all(body):
    first = results("QUEUED")
    assert BATCH.joined([((0,), first), ((1,), Response(200, (), body))]) is first


@pytest.mark.parametrize("body", [b"", b"[]", b"OK", b'{"results": "QUEUED"}'])
def test_an_answer_in_which_there_is_no_place_for_ours_comes_back_untouched(body):
    send, carrier = read(FLAT, flat('{"to": ["1", "2"], "body": "a"}')), Response(200, (), body)
    assert FLAT.answer(send, outcomes(send, 0), carrier) is carrier
    several = read(BATCH, batch(TWO))
    assert BATCH.answer(several, outcomes(several, 0), carrier) is carrier
    assert BATCH.answer(several, outcomes(several), results("QUEUED")) == results("QUEUED")


PROBLEMS = [
    ("an unknown key", "{extra: 1}", "extra"),
    ("a GET with a form", "{send: {method: GET, path: /x, body: form}}", "a GET has no body"),
    ("a path with a query", "{send: {path: '/x?a=b'}}", "path"),
    ("an unknown body", "{send: {path: /x, body: soap}}", "body"),
    ("a broken place", "{fields: {to: 'a[].', text: t}}", "to"),
    ("dots in a form", "{send: {path: /x, body: form}, fields: {to: a.b, text: t}}", "names only"),
    ("a text in another list", "{fields: {to: 'a[].to', text: 'b[].text'}}", "must stand in a list"),
    ("a text in a deeper list", "{fields: {to: to, text: 'b[].text'}}", "must stand in a list"),
    ("a flag in another list", "{encoding: {field: 'c[].u', unicode: 1}}", "must stand in a list"),
    ("a field without a value", "{success: {field: ok}}", "belong together"),
    ("a refusal that is no error", "{errors: {hours: {status: 200}}}", "400"),
    ("an unknown reason", "{errors: {hour: {status: 400}}}", "hour"),
    ("a template that is not JSON", "{errors: {hours: {body: '{\"a\": {message}}'}}}", "put the marks in quotes"),
    ("results that are no list", "{results: {at: results, refused: '{}'}}", "name one list"),
    ("an entry that is not JSON", "{results: {at: 'results[]', refused: no}}", "str|string|JSON"),
]


@pytest.mark.parametrize(("situation", "change", "why"), PROBLEMS, ids=[row[0] for row in PROBLEMS])
def test_a_description_that_makes_no_sense_says_where_and_why(situation, change, why):
    good = {"name": "x", "send": {"path": "/x"}, "fields": {"to": "to", "text": "text"}}
    GenericDescription.model_validate(good)
    with pytest.raises(ValidationError, match=why):
        GenericDescription.model_validate(good | yaml.safe_load(change))


def test_dialects_are_found_by_name():
    assert all(getattr(made, "name", name) == name for name, made in DIALECTS.items())
    assert dialect_named("twilio").name == "twilio"
    assert dialect_named("kannel", path="/send").claims(Request(b"GET", b"/send?to=1", ()))
    description = GenericDescription.model_validate(
        {"name": "house", "send": {"path": "/x"}, "fields": {"to": "to", "text": "text"}}
    )
    assert dialect_named("generic", description=description).name == "house"


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(old=texts, new=texts, ascii_only=st.booleans(), gone=st.sampled_from([(), (0,), (1,), (0, 1), (2,)]))
@settings(max_examples=200)
def test_new_texts_read_back_and_the_rest_means_what_it_meant(old, new, ascii_only, gone):
    value = {
        "x": [1, {"to": old}],
        "messages": [
            {"destinations": [{"to": "1"}, {"to": "2"}], "content": {"text": old}},
            {"destinations": [{"to": "3"}], "content": {"text": "c"}},
        ],
    }
    send = read(BATCH, batch(json.dumps(value, ensure_ascii=ascii_only)))
    kept = {place: new for place in range(3) if place not in gone}
    again = read(BATCH, BATCH.write(send, kept))
    assert [(draft.to, draft.text) for draft in again.drafts] == [(str(place + 1), new) for place in kept]
    assert json.loads(again.request.body)["x"] == value["x"]


def test_nothing_is_put_off_whose_acceptance_is_not_described():
    assert FLAT.holding is None


@given(body=st.binary() | st.text(alphabet='{}[]":,to body1\\').map(str.encode))
@settings(max_examples=200)
def test_any_body_is_read_or_refused_and_nothing_else_happens(body):
    for dialect, sent in ((FLAT, flat("")), (BATCH, batch("")), (FORM, form("")), (JOINED, flat(""))):
        try:
            answered = dialect.read(replace(sent, body=body))
        except Unreadable as error:
            answered = dialect.refuse(sent, error.reason, str(error), error.field)
        assert isinstance(answered, Send) or answered.status in {400, 422}

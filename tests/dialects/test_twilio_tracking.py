from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.base.exceptions import TwilioRestException

from gateway.dialects.twilio.dialect import Twilio
from gateway.words.asked import Asked, Wish
from gateway.words.decision import State
from gateway.words.kept import Ended, Kept
from gateway.words.wire import Request, Response
from tests.captures import names, request, response
from tests.dialects import values
from tests.dialects.test_twilio import ANN, GSM, SENDS, sdk
from tests.dialects.values import MINTED, PUT_OFF, with_header

TWILIO = Twilio()
TRACKING = TWILIO.holding.tracking
FETCH, CANCEL = request("twilio-fetch"), request("twilio-cancel-scheduled")
CARRIERS = "SM" + "1" * 32
LIST = GSM.target.decode()
ONE = LIST.replace(".json", f"/{MINTED}.json")
PICTURE = "MM" + "0" * 32
XML_LIST, XML_ONE = LIST.replace(".json", ""), ONE.replace(".json", "")


def got(target: str, method: bytes = b"GET", body: bytes = b"") -> Request:
    return replace(FETCH, method=method, target=target.encode(), body=body)


def kept(minutes: int = 0, digit: str = "a", **changed: object) -> Kept:
    """A message that was put off so many minutes after the others."""
    at = PUT_OFF + timedelta(minutes=minutes)
    return values.kept(TWILIO, GSM, **{"minted": "SM" + digit * 32, "created": at, "changed": at, **changed})


DISGUISED = with_header(got(ONE, b"POST"), b"X-HTTP-Method-Override", b"DELETE")
ASKED = [
    ("a captured fetch", FETCH, Asked(Wish.FETCH, CARRIERS)),
    ("a captured change", replace(CANCEL, body=b""), Asked(Wish.CHANGE, CARRIERS)),
    ("a fetch of a picture message", got(ONE.replace(MINTED, PICTURE)), Asked(Wish.FETCH, PICTURE)),
    ("a fetch in XML", got(XML_ONE), Asked(Wish.FETCH, MINTED)),
    ("a fetch on the old path", got(ONE.replace("/Messages", "/SMS/Messages")), Asked(Wish.FETCH, MINTED)),
    ("a deletion", got(ONE, b"DELETE"), Asked(Wish.DELETE, MINTED)),
    ("its attachments", got(ONE.replace(".json", "/Media.json")), Asked(Wish.OTHER, MINTED)),
    ("feedback", got(ONE.replace(".json", "/Feedback.json"), b"POST"), Asked(Wish.OTHER, MINTED)),
    ("only its head", got(ONE, b"HEAD"), Asked(Wish.OTHER, MINTED)),
    ("another method in disguise", DISGUISED, Asked(Wish.OTHER, MINTED)),
    ("a list", got(LIST), Asked(Wish.LIST, unsent=True)),
    ("a list in XML", got(XML_LIST), Asked(Wish.LIST, unsent=True)),
    ("a list of so many", got(LIST + "?PageSize=20"), Asked(Wish.LIST, most=20, unsent=True)),
    ("a list of as many as make no sense", got(LIST + "?PageSize=-1"), Asked(Wish.LIST, unsent=True)),
    ("a list of one recipient", got(LIST + "?To=%2B12025550123&Page=0"), Asked(Wish.LIST, to=ANN, unsent=True)),
    ("a plus left unescaped", got(LIST + "?From=+12025550100"), Asked(Wish.LIST, sender="+12025550100", unsent=True)),
    ("a later page", got(LIST + "?PageSize=50&Page=1&PageToken=PASM1"), Asked(Wish.LIST)),
    ("a later page by its token alone", got(LIST + "?PageToken=PASM1"), Asked(Wish.LIST)),
    ("sent on a day", got(LIST + "?DateSent=2026-11-24"), Asked(Wish.LIST)),
    ("sent before a day", got(LIST + "?DateSent%3C=2026-11-24"), Asked(Wish.LIST)),
    ("sent after a moment", got(LIST + "?DateSent%3E=2026-11-24T00%3A00%3A00Z"), Asked(Wish.LIST)),
    ("filters that make no sense", got(LIST + "?To=1&To=2"), Asked(Wish.LIST)),
    ("a send", replace(GSM, body=b""), None),
    ("the account", got(f"/2010-04-01/Accounts/AC{'0' * 32}.json"), None),
    ("an id of something else", got(LIST.replace("Messages.json", f"Calls/CA{'0' * 32}.json")), None),
    ("an id that is too short", got(ONE.replace(MINTED, MINTED[:-1])), None),
]


@pytest.mark.parametrize(("situation", "head", "asked"), ASKED, ids=[row[0] for row in ASKED])
def test_what_a_client_asks_about_messages_is_known_from_the_head(situation, head, asked):
    assert TRACKING.asks(head) == asked
    assert asked is None or not TWILIO.claims(head), "and it is no send"


def test_every_capture_of_a_question_is_known():
    questions = [name for name in names("twilio-*") if not name.endswith(".response") and name not in SENDS]
    assert all(TRACKING.asks(request(name)) for name in questions)


@pytest.mark.parametrize(
    ("body", "wish"),
    [
        (CANCEL.body, Wish.CANCEL),
        (b"Body=", Wish.REDACT),
        (b"Body=another", Wish.OTHER),
        (b"Status=sent", Wish.OTHER),
        (b"Status=canceled&Body=", Wish.OTHER),
        (b"Status=canceled&Status=canceled", Wish.OTHER),
        (b"%", Wish.OTHER),
        (b"", Wish.OTHER),
    ],
)
def test_which_change_is_asked_for_the_body_says(body, wish):
    assert TRACKING.change(replace(CANCEL, body=body)) is wish


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        ("", True),
        ("?To=%2B12025550123", True),
        ("?To=%2B12025550124", False),
        ("?From=%2B12025550100&To=%2B12025550123", True),
        ("?From=%2B12025550101", False),
        ("?DateSent=2026-11-24", False),
        ("?Page=1", False),
    ],
)
def test_a_waiting_message_is_in_the_lists_whose_filters_let_it_through(query, listed):
    assert TRACKING.asks(got(LIST + query)).lists(kept()) is listed


@pytest.mark.parametrize(
    ("head", "account"), [(GSM, "AC" + "0" * 32), (got(LIST), "AC" + "0" * 32), (got("/v1/Services"), "")]
)
def test_the_account_that_sends_is_the_one_that_lists(head, account):
    assert TRACKING.account(head) == account


@pytest.mark.parametrize(
    ("body", "left"),
    [
        (b"To=%2B12025550123&From=%2B1202&Body=Secret+words", b"To=%2B12025550123&From=%2B1202&Body=-"),
        (b"To=%2B12025550123&From=%2B1202&MediaUrl=x", b"To=%2B12025550123&From=%2B1202&MediaUrl=x"),
        (
            b"ContentVariables=%7B%221%22%3A%22Ann%22%7D&To=%2B12025550123&From=%2B1202&ContentSid=HX1",
            b"To=%2B12025550123&From=%2B1202&ContentSid=HX1",
        ),
    ],
)
def test_nothing_of_its_text_is_left_in_a_redacted_send_which_can_still_be_read(body, left):
    redacted = TRACKING.redacted(TWILIO.read(replace(GSM, body=body)))
    assert redacted.body == left
    assert redacted.header(b"content-length") in {None, str(len(left)).encode()}
    assert TWILIO.read(redacted).drafts[0].to == "+12025550123"


def test_who_asks_for_one_message_gets_no_list():
    assert not TRACKING.asks(got(ONE)).lists(kept())


def test_a_waiting_message_is_fetched_through_the_sdk():
    message = sdk(TRACKING.resource(got(ONE), kept(text="Hi, as it leaves"))).messages("SM" + "a" * 32).fetch()
    assert (message.sid, message.status, message.body) == ("SM" + "a" * 32, "queued", "Hi, as it leaves")
    assert (message.date_sent, message.num_segments) == (None, "1")


def test_a_waiting_message_is_canceled_through_the_sdk():
    canceled = kept(state=State.DROPPED, ended=Ended.CANCELED, changed=PUT_OFF + timedelta(hours=1))
    message = sdk(TRACKING.resource(CANCEL, canceled)).messages(canceled.minted).update(status="canceled")
    assert (message.status, message.error_code) == ("canceled", None)
    assert (message.date_created, message.date_updated) == (PUT_OFF, PUT_OFF + timedelta(hours=1))


def test_a_waiting_message_is_deleted_through_the_sdk():
    assert sdk(TRACKING.deleted(got(ONE, b"DELETE"))).messages(MINTED).delete() is True


def test_a_message_that_is_not_there_raises_in_the_sdk():
    with pytest.raises(TwilioRestException, match="not found") as caught:
        sdk(TRACKING.missing(got(ONE))).messages(MINTED).fetch()
    assert (caught.value.status, caught.value.code) == (404, 20404)


@pytest.mark.parametrize(
    ("wish", "status", "code"),
    [(Wish.CANCEL, 400, 30409), (Wish.REDACT, 409, 20009), (Wish.DELETE, 409, 20009), (Wish.OTHER, 400, 20001)],
)
def test_a_change_that_comes_too_late_raises_in_the_sdk(wish, status, code):
    with pytest.raises(TwilioRestException) as caught:
        sdk(TRACKING.cannot(CANCEL, wish)).messages(MINTED).update(status="canceled")
    assert (caught.value.status, caught.value.code) == (status, code)


def test_who_asks_in_xml_is_answered_in_xml():
    assert ET.fromstring(TRACKING.resource(got(XML_ONE), kept()).body).findtext("Message/Sid") == "SM" + "a" * 32
    assert ET.fromstring(TRACKING.missing(got(XML_ONE)).body).findtext("RestException/Code") == "20404"


def listed(*digits_and_dates: tuple[str, str]) -> Response:
    """A carrier's page of messages, the newest first, and the address of the next."""
    messages = [{"sid": "SM" + digit * 32, "date_created": date, "price": -0.0075} for digit, date in digits_and_dates]
    page = {"messages": messages, "end": 1, "next_page_uri": f"{LIST}?PageSize=2&Page=1&PageToken=PASM{'2' * 32}"}
    body = json.dumps(page, indent=1).encode()
    return Response(200, ((b"Content-Type", b"application/json"), (b"Content-Length", b"%d" % len(body))), body)


PAGE = listed(("1", "Tue, 24 Nov 2026 02:35:00 +0000"), ("2", "Tue, 24 Nov 2026 02:25:00 +0000"))


@pytest.mark.parametrize(
    ("situation", "minutes", "order"),
    [
        ("nothing waits", [], "12"),
        ("the newest", [9], "a12"),
        ("of the same moment", [5], "a12"),
        ("in between", [0], "1a2"),
        ("the oldest", [-9], "12a"),
        ("several, in any order", [-9, 9, 0, 1, -1], "b1dce2a"),
    ],
)
def test_a_list_has_ours_at_their_places(situation, minutes, order):
    ours = [kept(after, digit) for after, digit in zip(minutes, "abcde", strict=False)]
    page = TRACKING.merged(got(LIST), ours, PAGE)
    messages = json.loads(page.body)["messages"]
    assert "".join(message["sid"][2] for message in messages) == order
    assert page.header(b"content-length") == b"%d" % len(page.body)
    assert [m for m in messages if m["sid"][2] in "12"] == json.loads(PAGE.body)["messages"]
    assert json.loads(page.body)["next_page_uri"] == json.loads(PAGE.body)["next_page_uri"]


def test_what_was_scheduled_long_ago_stands_where_it_was_sent():
    sent = b'"date_created": "Mon, 02 Nov 2026 02:35:00 +0000", "date_sent": "Tue, 24 Nov 2026 02:35:00 +0000"'
    old = replace(PAGE, body=PAGE.body.replace(b'"date_created": "Tue, 24 Nov 2026 02:35:00 +0000"', sent))
    page = TRACKING.merged(got(LIST), [kept()], old)
    assert [message["sid"][2] for message in json.loads(page.body)["messages"]] == ["1", "a", "2"]


def test_the_sdk_lists_ours_beside_the_carriers():
    last = replace(PAGE, body=PAGE.body.replace(b'"next_page_uri": "', b'"next_page_uri": null, "uri": "'))
    found = sdk(TRACKING.merged(got(LIST), [kept()], last)).messages.list()
    assert [message.sid[2] for message in found] == ["1", "a", "2"]
    assert found[1].status == "queued"


def test_an_empty_list_holds_ours():
    assert b'"SM' + b"a" * 32 in TRACKING.merged(got(LIST), [kept()], listed()).body


@pytest.mark.parametrize(
    ("situation", "carrier"),
    [
        ("an error", response("errors/twilio-auth")),
        ("compressed", replace(PAGE, headers=((b"Content-Encoding", b"gzip"),))),
        ("no JSON", replace(PAGE, body=b"<html>")),
        ("no list", replace(PAGE, body=b'{"messages": 1}')),
        ("something else", replace(PAGE, body=b"[]")),
    ],
)
def test_a_page_that_cannot_be_read_passes_as_it_is(situation, carrier):
    assert TRACKING.merged(got(LIST), [kept()], carrier) is carrier


def test_messages_of_another_account_are_in_no_list():
    other = got(LIST.replace("AC0", "AC1"))
    assert TRACKING.merged(other, [kept()], PAGE) is PAGE


OTHER_KEY = with_header(got(ONE), b"Authorization", b"Basic b3RoZXI6a2V5")


@pytest.mark.parametrize(
    ("situation", "asking", "account", "client"),
    [
        ("who sent it", got(ONE), True, True),
        ("another key of the account", OTHER_KEY, True, False),
        ("nobody in particular", replace(got(ONE), headers=()), True, False),
        ("another account, with the same key", got(ONE.replace("AC0", "AC1")), False, False),
        ("no account", got("/v1/Messages"), False, False),
    ],
)
def test_a_message_is_shown_to_its_own_client_only(situation, asking, account, client):
    assert TRACKING.same_account(asking, kept()) is account
    assert TRACKING.same_client(asking, kept()) is client


def test_who_sent_without_credentials_is_nobody_in_particular():
    bare = replace(GSM, headers=tuple(pair for pair in GSM.headers if pair[0] != b"Authorization"))
    assert not TRACKING.same_client(replace(got(ONE), headers=()), values.kept(TWILIO, bare))


def test_dates_that_cannot_be_read_stand_last():
    odd = replace(PAGE, body=PAGE.body.replace(b"Tue, 24 Nov 2026 02:35:00 +0000", b"yesterday"))
    page = TRACKING.merged(got(LIST), [kept()], odd)
    assert [message["sid"][2] for message in json.loads(page.body)["messages"]] == ["a", "1", "2"]


XML_PAGE = (
    b'<?xml version="1.0"?>\n<TwilioResponse><Messages page="0" nextpageuri="x"><Message><Sid>SM1</Sid>'
    b"<DateCreated>Tue, 24 Nov 2026 02:35:00 +0000</DateCreated></Message><Message><Sid>SM2</Sid><DateCreated>"
    b"Tue, 24 Nov 2026 02:25:00 +0000</DateCreated></Message></Messages></TwilioResponse>"
)


def test_a_list_in_xml_has_ours_at_their_places():
    page = TRACKING.merged(got(XML_LIST), [kept()], Response(200, (), XML_PAGE))
    listed = ET.fromstring(page.body)[0]
    assert [message.findtext("Sid")[2] for message in listed] == ["1", "a", "2"]
    assert listed.attrib == {"page": "0", "nextpageuri": "x"}


@pytest.mark.parametrize("empty", [b'<Messages page="0"/>', b'<Messages page="0"></Messages>', b"<SMSMessages/>"])
def test_an_empty_list_in_xml_holds_ours(empty):
    page = TRACKING.merged(
        got(XML_LIST), [kept()], Response(200, (), b"<TwilioResponse>" + empty + b"</TwilioResponse>")
    )
    assert ET.fromstring(page.body)[0][0].findtext("Sid") == "SM" + "a" * 32


def test_a_page_of_broken_xml_passes_as_it_is():
    for body in (b"<html>", XML_PAGE[:200]):
        carrier = Response(200, (), body)
        assert TRACKING.merged(got(XML_LIST), [kept()], carrier) is carrier


@pytest.mark.parametrize(
    "target", [ONE, XML_ONE, ONE.replace(".json", "/Media.json"), ONE.replace(".json", "/Media/ME0.json") + "?Page=0"]
)
def test_the_carrier_is_asked_by_its_own_id(target):
    passed = TRACKING.for_carrier(got(target), {MINTED: CARRIERS})
    assert passed.target.decode() == target.replace(MINTED, CARRIERS)
    assert passed.header(b"accept-encoding") == b"identity"
    others = [pair for pair in FETCH.headers if pair[0] != b"Accept-Encoding"]
    assert [pair for pair in passed.headers if pair[0] != b"Accept-Encoding"] == others


def test_the_carriers_page_tokens_are_left_to_it():
    asked = got(f"{LIST}?PageToken=PA{MINTED}&x={MINTED}")
    assert TRACKING.for_carrier(asked, {MINTED: CARRIERS}).target == asked.target


def test_the_client_is_answered_by_the_id_that_it_knows():
    carrier = response("twilio-fetch")
    assert TRACKING.ids_in(carrier) == (CARRIERS,)
    answer = TRACKING.for_client(carrier, {CARRIERS: MINTED})
    assert answer.body == carrier.body.replace(CARRIERS.encode(), MINTED.encode())
    assert (answer.status, answer.headers, len(answer.body)) == (carrier.status, carrier.headers, len(carrier.body))
    message = sdk(answer).messages(MINTED).fetch()
    assert (message.sid, message.status) == (MINTED, "delivered")
    assert MINTED in message.uri


def test_ids_of_a_page_are_found_once_each_and_its_tokens_are_not_among_them():
    assert TRACKING.ids_in(PAGE) == ("SM" + "1" * 32, "SM" + "2" * 32)
    page = TRACKING.for_client(PAGE, {"SM" + "2" * 32: MINTED})
    assert f"PASM{'2' * 32}".encode() in page.body
    assert f'"SM{"2" * 32}'.encode() not in page.body


@pytest.mark.parametrize("longer", [CARRIERS + "1", CARRIERS + "x", "A" + CARRIERS, "0" + CARRIERS])
def test_a_part_of_a_longer_word_is_no_id(longer):
    answer = Response(200, (), f'"{longer}"'.encode())
    assert TRACKING.ids_in(answer) == ()
    assert TRACKING.for_client(answer, {CARRIERS: MINTED}) == answer


def test_what_is_compressed_all_the_same_is_not_looked_into():
    assert TRACKING.ids_in(replace(PAGE, headers=((b"Content-Encoding", b"gzip"),))) == ()


hexes = st.text("0123456789abcdef", min_size=32, max_size=32)
ids = st.builds(str.__add__, st.sampled_from(["SM", "MM"]), hexes)
around = st.text(st.characters(exclude_categories=["Cs", "L", "N"]), min_size=1)


@given(known=st.dictionaries(ids, ids, max_size=3), unknown=st.lists(ids, max_size=3), gap=around, data=st.data())
def test_only_ids_change_and_nothing_moves(known, unknown, gap, data):
    order = data.draw(st.permutations([*known, *unknown]))
    body = gap.join(["", *order, ""]).encode()
    answer = TRACKING.for_client(Response(200, (), body), known)
    assert answer.body == gap.join(["", *(known.get(one, one) for one in order), ""]).encode()
    assert len(answer.body) == len(body)
    assert set(TRACKING.ids_in(Response(200, (), body))) == {*order}


@given(body=st.binary())
def test_bytes_without_an_id_stay_as_they_are(body):
    assert TRACKING.for_client(Response(200, (), body), {CARRIERS: MINTED}).body == body


@given(known=st.dictionaries(ids, ids, max_size=3), gap=around)
def test_what_is_mapped_there_and_back_is_the_same(known, gap):
    ours = {value: key for key, value in known.items()}
    once = {key: value for value, key in ours.items()}  # where two carriers' ids had one of ours
    body = gap.join(["", *once, ""]).encode()
    there = TRACKING.for_client(Response(200, (), body), once)
    assert TRACKING.for_client(there, ours).body == body


@given(query=st.text(alphabet="To=&FromDateSent%<>+Page0;2 ").map(str.encode))
def test_any_list_is_asked_for_or_left_to_the_carrier(query):
    asked = TRACKING.asks(replace(FETCH, target=GSM.target + b"?" + query))
    assert asked.wish is Wish.LIST

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dialects.forms import Form
from gateway.dialects.kannel.dialect import Kannel
from gateway.words.decision import Reason, State
from gateway.words.kept import Ended, Kept
from gateway.words.outcome import Fate, Outcome, Verdict
from gateway.words.wire import Credentials, Request, Response
from tests.captures import request, response
from tests.dialects import values
from tests.dialects.test_kannel import ANN, BOB, GSM, MULTI, POSTED, SENDS, ZOE, asked, formed
from tests.dialects.values import PUT_OFF, length_of, with_header

KANNEL = Kannel()
HOLDING = KANNEL.holding
ROBOT = Credentials("rob&ot", "s3cret <é>")
LATER = datetime(2026, 11, 24, 13, tzinfo=UTC)
RECEIPT = request("kannel-status-callback")
XML = request("kannel-post-xml")


def kept(sent: Request = GSM, **changed: object) -> Kept:
    return values.kept(KANNEL, sent, minted="", **changed)


def outcome(fate: Fate) -> Outcome:
    return Outcome(None, None, None, fate)  # type: ignore[arg-type]


def held(fates: list[Fate], carrier: Response | None) -> Response:
    ours = [kept(MULTI, place=place) for place, fate in enumerate(fates) if fate is Fate.HELD]
    return HOLDING.held(ours, [outcome(fate) for fate in fates], carrier)


def test_it_has_no_ids_that_a_client_could_ask_for():
    assert HOLDING.tracking is None


TAKEN, NOT_ROUTABLE = response("kannel-multi"), response("errors/kannel-not-routable")
ALL_HELD = [Fate.HELD] * 3


@pytest.mark.parametrize(
    ("situation", "fates", "carrier", "body"),
    [
        ("all of them wait", ALL_HELD, None, "3: Queued for later delivery"),
        ("others were sent", [Fate.SENT, Fate.HELD, Fate.SENT], TAKEN, "0: Accepted for delivery"),
        ("others are forbidden", [Fate.HELD, Fate.WITHHELD, Fate.HELD], None, f"Sent. Denied receivers are: {BOB}"),
        ("all three", [Fate.SENT, Fate.WITHHELD, Fate.HELD], TAKEN, f"Sent. Denied receivers are: {BOB}"),
        ("refused", [Fate.REFUSED, Fate.HELD, Fate.REFUSED], NOT_ROUTABLE, f"Sent. Denied receivers are: {ANN} {ZOE}"),
        ("unsent", [Fate.HELD, Fate.UNSENT, Fate.UNSENT], None, f"Sent. Denied receivers are: {BOB} {ZOE}"),
        ("in doubt", [Fate.HELD, Fate.IN_DOUBT, Fate.IN_DOUBT], None, "3: Queued for later delivery"),
    ],
)
def test_a_send_of_which_some_wait_is_answered_as_kannel_would(situation, fates, carrier, body):
    answer = held(fates, carrier)
    assert (answer.status, answer.body.decode()) == (202, body)
    assert KANNEL.verdict(answer) is Verdict.ACCEPTED
    assert answer.header(b"content-length") == b"%d" % len(answer.body)


def test_a_carriers_answer_that_is_true_for_all_stays_as_it_is():
    assert held([Fate.SENT, Fate.HELD, Fate.SENT], TAKEN) is TAKEN


@pytest.mark.parametrize("name", SENDS)
@pytest.mark.parametrize("credentials", [ROBOT, None])
def test_every_captured_send_can_wait_and_leaves_as_it_came(name, credentials):
    one = kept(request(name))
    assert HOLDING.can_hold(one.send, credentials)
    composed = HOLDING.composed(one, credentials, PUT_OFF)
    assert composed.header(b"accept-encoding") == b"identity"
    (draft,) = values.read(KANNEL, composed).drafts
    assert draft == one.draft


@pytest.mark.parametrize(
    ("situation", "query"),
    [
        ("two users", "user=a&user=b&to=1&text=a"),
        ("two callbacks", "to=1&text=a&dlr-url=http%3A%2F%2Fa%2F&DLR-URL=http%3A%2F%2Fb%2F"),
        ("a validity that is none", "to=1&text=a&validity=soon"),
    ],
)
def test_what_could_be_read_in_two_ways_is_not_put_off(situation, query):
    assert not HOLDING.can_hold(kept(asked(query)).send, ROBOT)


def test_one_recipient_of_several_leaves_alone():
    sent = asked(f"user=a&pass=b&to={ANN}+{BOB}+{ZOE}&text=a&smsc=x")
    composed = HOLDING.composed(kept(sent, place=1, text="a STOP"), ROBOT, LATER)
    assert composed.query.decode() == f"user=rob%26ot&pass=s3cret+%3C%C3%A9%3E&to={BOB}&text=a+STOP&smsc=x"


SPELLINGS = [
    ("in full", asked("username=kuser&password=p&to=1&text=a"), {"username", "password"}),
    ("aliases", request("kannel-user-pass-aliases"), {"user", "pass"}),
    ("both", asked("user=a&username=b&pass=c&password=d&to=1&text=a"), {"user", "username", "pass", "password"}),
    ("not at all", asked("to=1&text=a"), {"username", "password"}),
    ("in a form", formed("user=a&password=b&to=1&text=a"), {"user", "password"}),
]


@pytest.mark.parametrize(("situation", "sent", "names"), SPELLINGS, ids=[row[0] for row in SPELLINGS])
def test_configured_credentials_replace_the_clients_under_every_name(situation, sent, names):
    composed = HOLDING.composed(kept(sent), ROBOT, LATER)
    before, after = (parse_qs((form.query or form.body).decode()) for form in (sent, composed))
    ours = {name: [ROBOT.user if name.startswith("user") else ROBOT.secret] for name in names}
    assert after == {**before, **ours}
    assert not composed.body or length_of(composed) == b"%d" % len(composed.body)


def test_credentials_in_headers_are_replaced_there():
    composed = HOLDING.composed(kept(POSTED), ROBOT, LATER)
    assert composed.header(b"x-kannel-username") == ROBOT.user.encode()
    assert composed.header(b"x-kannel-password") == ROBOT.secret.encode()
    assert [name for name, _ in composed.headers] == [name for name, _ in POSTED.headers]
    assert composed.body == POSTED.body


WHOLE = "<from><username>kuser</username><password>test-token</password></from>"
OURS = "<from><username>rob&amp;ot</username><password>s3cret &lt;é&gt;</password></from>"
BOTH = OURS.replace("<username>", "<user>rob&amp;ot</user><username>")
ALIASES = "<from><user>rob&amp;ot</user><pass>s3cret &lt;é&gt;</pass></from>"


@pytest.mark.parametrize(
    ("situation", "old", "new"),
    [
        ("in full", WHOLE, OURS),
        ("aliases", "<from><user>a</user><pass>b</pass></from>", ALIASES),
        ("both", "<from><user>a</user><username>b</username><password>c</password></from>", BOTH),
        ("empty", "<from><username/></from>", OURS),
        ("not at all", "", OURS),
    ],
)
def test_credentials_in_xml_are_replaced_there(situation, old, new):
    body = XML.body.decode()
    composed = HOLDING.composed(kept(replace(XML, body=body.replace(WHOLE, old).encode())), ROBOT, LATER)
    assert composed.body.decode() == body.replace(WHOLE, new).replace(f"<da><number>{BOB}</number></da>", "")
    assert length_of(composed) == b"%d" % len(composed.body)


@pytest.mark.parametrize(
    ("passed", "left"),
    [
        (timedelta(0), "120"),
        (timedelta(minutes=20), "100"),
        (timedelta(minutes=20, seconds=1), "100"),
        (timedelta(minutes=119, seconds=59), "1"),
        (timedelta(minutes=120), None),
        (timedelta(days=2), None),
    ],
)
def test_what_is_left_of_a_delay_counts_from_when_the_client_asked(passed, left):
    xml = XML.body.replace(b"<dcs>", b"<timing><delay>120</delay></timing><dcs>")
    queried = HOLDING.composed(kept(request("kannel-scheduled")), None, PUT_OFF + passed)
    headed = HOLDING.composed(kept(with_header(POSTED, b"X-Kannel-Deferred", b"120")), None, PUT_OFF + passed)
    marked = HOLDING.composed(kept(replace(XML, body=xml)), None, PUT_OFF + passed)
    assert Form.read(queried.query).text_of(b"deferred") == left
    assert headed.header(b"x-kannel-deferred") == (left.encode() if left else None)
    assert (f"<delay>{left}</delay>" if left else "<timing></timing>").encode() in marked.body
    for composed in (queried, headed, marked):
        assert values.read(KANNEL, composed).drafts[0].delay == (timedelta(minutes=int(left)) if left else None)


def test_other_fields_keep_their_bytes_when_a_delay_is_over():
    before = request("kannel-scheduled")
    after = HOLDING.composed(kept(before), None, PUT_OFF + timedelta(hours=2))
    assert after.target == before.target.replace(b"&deferred=120", b"").replace(b"validity=1440", b"validity=1320")


@pytest.mark.parametrize(
    ("passed", "left"),
    [
        (timedelta(0), "10"),
        (timedelta(seconds=1), "9"),
        (timedelta(minutes=9, seconds=59), "1"),
        (timedelta(hours=2), "1"),
    ],
)
def test_what_is_left_of_a_validity_is_whole_minutes_and_one_at_least(passed, left):
    xml = XML.body.replace(b"<dcs>", b"<vp><delay>10</delay></vp><dcs>")
    queried = HOLDING.composed(kept(asked("user=a&pass=b&to=1&text=a&validity=10")), None, PUT_OFF + passed)
    headed = HOLDING.composed(kept(with_header(POSTED, b"X-Kannel-Validity", b"10")), None, PUT_OFF + passed)
    marked = HOLDING.composed(kept(replace(XML, body=xml)), None, PUT_OFF + passed)
    assert Form.read(queried.query).text_of(b"validity") == left
    assert headed.header(b"x-kannel-validity") == left.encode()
    assert f"<vp><delay>{left}</delay></vp>".encode() in marked.body


@pytest.mark.parametrize(
    ("sent", "valid"),
    [
        (GSM, None),
        (request("kannel-scheduled"), timedelta(days=1)),
        (with_header(POSTED, b"X-Kannel-Validity", b"10"), timedelta(minutes=10)),
        (replace(XML, body=XML.body.replace(b"<dcs>", b"<vp><delay>10</delay></vp><dcs>")), timedelta(minutes=10)),
    ],
)
def test_the_client_says_how_long_its_message_is_worth_sending(sent, valid):
    assert HOLDING.valid_for(kept(sent).send) == valid


def test_the_carriers_own_reports_need_no_translation():
    assert HOLDING.with_callback(RECEIPT, "https://gateway.example.com/cb/1") is RECEIPT
    assert HOLDING.passed_on(kept(RECEIPT), request("webhooks/kannel-status-delivered"), {}) is None


REPORTS = [
    ("queued", {}, "4", ""),
    ("leased", {"state": State.LEASED}, "4", ""),
    ("dropped by a rule", {"state": State.DROPPED, "ended": Reason.SUPPRESSED}, "16", "NACK%2Fsuppressed"),
    ("expired", {"state": State.DROPPED, "ended": Ended.EXPIRED}, "16", "NACK%2Fexpired"),
    ("refused", {"state": State.REFUSED}, "16", "NACK%2Frefused"),
]


@pytest.mark.parametrize(("situation", "changed", "type_", "answer"), REPORTS, ids=[row[0] for row in REPORTS])
def test_a_report_is_fetched_with_its_codes_filled_in(situation, changed, type_, answer):
    call = HOLDING.callback(kept(RECEIPT, **changed))
    asked_for = f"id=77&type={type_}&answer={answer}&to=12025550100&from={ANN}&ts=2026-11-24+02:30:00&smsid="
    assert call.url == f"https://legacy.example.com/dlr?{asked_for}"
    assert (call.request.method, call.request.target) == (b"GET", f"/dlr?{asked_for}".encode())


def test_a_report_says_who_is_who_as_kannels_own_does():
    carriers = parse_qs(request("webhooks/kannel-status-delivered").query.decode())
    ours = parse_qs(HOLDING.callback(kept(RECEIPT)).request.query.decode())
    assert {name: ours[name] for name in ("id", "to", "from")} == {
        name: carriers[name] for name in ("id", "to", "from")
    }


@pytest.mark.parametrize("state", [State.RESERVED, State.SENDING, State.SENT, State.IN_DOUBT])
def test_the_rest_is_for_the_carrier_to_report(state):
    assert HOLDING.callback(kept(RECEIPT, state=state)) is None


@pytest.mark.parametrize(
    ("mask", "wanted"),
    [("31", True), ("16", True), ("19", True), ("3", False), ("0", False), ("", False), ("x", False)],
)
def test_a_report_is_sent_only_to_who_wants_it(mask, wanted):
    sent = asked(f"to=1&text=a&dlrmask={mask}&dlrurl=http%3A%2F%2Flegacy%2F%3Ft%3D%25d")
    call = HOLDING.callback(kept(sent, state=State.DROPPED, ended=Ended.CANCELED))
    assert (call is not None) is wanted
    assert call is None or call.url == "http://legacy/?t=16"


@pytest.mark.parametrize(
    ("pattern", "filled"),
    [
        ("http://a/%p?x=%P&y=%%d", f"http://a/{ANN}?x=12025550100&y=%d"),
        ("http://a/?q=%q&Q=%Q", f"http://a/?q={ANN}&Q=12025550100"),
        ("http://a/?at=%T", f"http://a/?at={int(PUT_OFF.timestamp())}"),
        ("http://a/?f=%F&i=%i&uuid=%I&m=%#smpp#tag#.", "http://a/?f=&i=&uuid=&m=."),
        ("http://a/?z=%z&end=%", "http://a/?z=%z&end=%"),
        ("", None),
        ("ftp://a/%d", None),
    ],
)
def test_codes_are_filled_in_as_kannel_fills_them_in(pattern, filled):
    sent = asked(f"to={ANN}&from=12025550100&text=a&dlr-mask=31&dlr-url={quote(pattern, safe='')}")
    call = HOLDING.callback(kept(sent))
    assert (call and call.url) == filled


def test_who_is_called_in_headers_and_in_xml_is_called_too():
    assert HOLDING.callback(kept(POSTED)).url == "https://legacy.example.com/dlr?type=4"
    wanted = b"<statusrequest><dlr-mask>31</dlr-mask><dlr-url>https://a/?t=%d&amp;x</dlr-url></statusrequest>"
    xml = replace(XML, body=XML.body.replace(b"<dcs>", wanted + b"<dcs>"))
    assert HOLDING.callback(kept(xml)).url == "https://a/?t=4&x"


def test_numbers_are_escaped():
    sent = asked("to=%2B12025550123&from=A+Co&text=a&dlr-mask=4&dlr-url=http%3A%2F%2Fa%2F%3F%25p-%25P")
    assert HOLDING.callback(kept(sent)).url == "http://a/?%2B12025550123-A+Co"


def test_a_number_with_leading_zeros_is_told_with_a_plus_where_that_is_asked_for():
    sent = asked("to=0012025550123&from=00441&text=a&dlr-mask=4&dlr-url=http%3A%2F%2Fa%2F%3F%25q-%25Q")
    assert HOLDING.callback(kept(sent)).url == "http://a/?%2B12025550123-%2B441"


@pytest.mark.parametrize(
    ("body", "id_"),
    [
        (b"0: Accepted for delivery", ""),
        (b"0: Accepted for delivery: 3f2504e0-4f89-11d3-9a0c-0305e82c3301", "3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
        (b"Sent. Message splits: 2", ""),
    ],
)
def test_an_id_is_found_where_a_copy_tells_one(body, id_):
    assert HOLDING.accepted_id(Response(202, (), body)) == id_


def test_a_temporal_failure_asks_for_a_pause():
    failure = response("errors/kannel-temporary")
    assert HOLDING.retry_after(failure, LATER) == timedelta(0)
    assert KANNEL.verdict(failure) is Verdict.REFUSED, "and the message itself may be sent again"
    assert HOLDING.retry_after(response("errors/kannel-not-routable"), LATER) is None


visible = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip)


@given(text=visible, new=visible, user=visible, secret=visible, other=st.text(st.characters(exclude_categories=["Cs"])))
@settings(max_examples=200)
def test_whatever_is_composed_reads_back_as_the_message_that_was_kept(text, new, user, secret, other):
    fields = {"user": other, "to": f"{ANN} {BOB}", "text": text, "meta-data": other}
    for sent in (asked(urlencode(fields)), formed(urlencode(fields))):
        one = kept(sent, place=1, text=new)
        composed = HOLDING.composed(one, Credentials(user, secret), LATER)
        assert values.read(KANNEL, composed).drafts == (replace(one.draft, text=new),)
        form = Form.read(composed.query or composed.body)
        assert form.text_of(b"meta-data") == other
        assert (form.text_of(b"user"), form.text_of(b"password")) == (user, secret)

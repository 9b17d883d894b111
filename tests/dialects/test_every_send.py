"""What holds for the sends of every one of these carriers: read, changed, disguised, and of any bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dialects import DIALECTS, dialect_named
from gateway.dialects.base import Dialect
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Send
from gateway.words.number import NO_SENDER, Sender, SenderKind
from gateway.words.wire import Request
from tests.captures import names, request
from tests.dialects.values import BONJOUR, DECEMBER, HI, LONG, length_of, read, rewritten, with_header

ANN, BEN, LEA, MIA, ZOE = "+12025550123", "+12025550124", "+447700900123", "+61491570156", "+33639980001"
ACME = Sender(SenderKind.ALPHANUMERIC, "AcmeEnergy")
SHOP = Sender(SenderKind.NUMBER, "+12025550100")
BARE_SHOP = Sender(SenderKind.NUMBER, "12025550100")
SENDS: Mapping[str, list[Draft]] = {
    "clicksend-gsm": [Draft(ANN, SHOP, HI)],
    "clicksend-long": [Draft(LEA, SHOP, LONG)],
    "clicksend-multi": [Draft(ANN, SHOP, HI), Draft(MIA, SHOP, BONJOUR)],
    "clicksend-scheduled": [Draft(ANN, SHOP, HI, DECEMBER)],
    "clicksend-unicode": [Draft(ANN, SHOP, BONJOUR)],
    "clicksend-v5sdk-gsm": [Draft(ANN, SHOP, HI)],
    "bandwidth-gsm": [Draft(ANN, SHOP, HI)],
    "bandwidth-long": [Draft(LEA, SHOP, LONG)],
    "bandwidth-media": [Draft(ANN, SHOP, HI, media=1)],
    "bandwidth-multi": [Draft(ANN, SHOP, HI), Draft(BEN, SHOP, HI)],
    "bandwidth-status-tag": [Draft(ANN, SHOP, HI)],
    "bandwidth-unicode": [Draft(ANN, SHOP, BONJOUR)],
    "clickatell-legacy-http-get": [Draft(ANN[1:], BARE_SHOP, HI)],
    "clickatell-one-gsm": [Draft(ANN[1:], NO_SENDER, HI)],
    "clickatell-platform-gsm": [Draft(ANN[1:], BARE_SHOP, HI)],
    "clickatell-platform-http-get": [Draft(ANN[1:], NO_SENDER, HI)],
    "clickatell-platform-multi": [Draft(ANN[1:], NO_SENDER, BONJOUR), Draft(LEA[1:], NO_SENDER, BONJOUR)],
    "jasmin-gsm": [Draft(ANN[1:], BARE_SHOP, HI)],
    "jasmin-long": [Draft(LEA[1:], BARE_SHOP, LONG)],
    "jasmin-post-form": [Draft(ANN[1:], BARE_SHOP, HI)],
    "jasmin-post-json": [Draft(ANN[1:], BARE_SHOP, HI)],
    "jasmin-rest-send": [Draft(ANN[1:], ACME, HI)],
    "jasmin-rest-sendbatch": [
        Draft(ANN[1:], ACME, HI),
        Draft(LEA[1:], ACME, HI),
        Draft(ZOE[1:], ACME, BONJOUR),
    ],
    "jasmin-scheduled": [Draft(ANN[1:], BARE_SHOP, HI, delay=timedelta(minutes=1))],
    "jasmin-status-callback": [Draft(ANN[1:], BARE_SHOP, HI)],
    "jasmin-unicode-content": [Draft(ANN[1:], ACME, "你好")],
    "jasmin-unicode-hex": [Draft(ANN[1:], BARE_SHOP, BONJOUR)],
}
REFUSED = {"clicksend-list"}  # the recipients are kept at the carrier


@dataclass(frozen=True)
class Door:
    """One way in: a captured send, and the names in it that make a message."""

    capture: str
    names: tuple[str, ...]

    @property
    def dialect(self) -> Dialect:
        return dialect_of(self.capture)

    @property
    def request(self) -> Request:
        return request(self.capture)


DOORS = [
    Door("clicksend-gsm", ("messages",)),
    Door("bandwidth-multi", ("to", "text")),
    Door("clickatell-legacy-http-get", ("text", "to", "unicode")),
    Door("clickatell-platform-http-get", ("content", "to")),
    Door("clickatell-platform-multi", ("content", "to")),
    Door("clickatell-one-gsm", ("messages",)),
    Door("jasmin-gsm", ("content", "to", "coding")),
    Door("jasmin-post-json", ("content", "to", "coding")),
    Door("jasmin-rest-send", ("content", "to", "hex_content")),
    Door("jasmin-rest-sendbatch", ("messages", "globals")),
]


def dialect_of(capture: str) -> Dialect:
    return dialect_named(capture.partition("-")[0])


def hexed(text: str | None) -> str:
    return (text or "").encode("utf-16-be").hex()


def test_every_capture_has_an_expectation():
    carriers = {name.partition("-")[0] for name in SENDS}
    captured = [name for carrier in carriers for name in names(f"{carrier}-*") if not name.endswith(".response")]
    assert sorted(captured) == sorted([*SENDS, *REFUSED])


@pytest.mark.parametrize("name", SENDS)
def test_a_captured_send_is_read_as_the_client_meant_it(name):
    assert list(read(dialect_of(name), request(name)).drafts) == SENDS[name]


@pytest.mark.parametrize("name", SENDS)
def test_an_unchanged_text_leaves_as_the_very_same_request(name):
    dialect, captured = dialect_of(name), request(name)
    send = read(dialect, captured)
    assert dialect.write(send, {i: draft.text for i, draft in enumerate(send.drafts)}) is captured
    assert dialect.write(send, dict.fromkeys(range(len(send.drafts)))) is captured


@pytest.mark.parametrize("name", [name for name in SENDS if request(name).body[:1] == b"{"])
def test_an_appended_text_changes_the_text_and_the_length_only(name):
    before = request(name)
    after = rewritten(dialect_of(name), before, " Txt STOP, é")
    body = before.body.decode()
    for text in {draft.text for draft in SENDS[name]}:
        old = json.dumps(text)[1:-1]
        body = body.replace(old, old + " Txt STOP, \\u00e9")
        body = body.replace(hexed(text), hexed(f"{text} Txt STOP, é"))
    assert after.body.decode() == body
    assert length_of(after) == str(len(after.body)).encode()
    assert replace(after, headers=(), body=b"") == replace(before, headers=(), body=b"")
    assert [pair for pair in after.headers if pair[0] != b"Content-Length"] == [
        pair for pair in before.headers if pair[0] != b"Content-Length"
    ]


def disguises(door: Door) -> dict[str, Request]:
    """The same send as a lenient server might still take it."""
    plain = door.request
    path, query = plain.path, b"?" + plain.query if plain.query else b""
    first, last = path[1:2], path.rpartition(b"/")[2]
    spelled = {
        "in capitals": path.upper(),
        "a letter escaped": path.replace(last, b"%%%02X" % last[0] + last[1:]),
        "escaped twice": path.replace(last, b"%%25%02X" % last[0] + last[1:]),
        "a doubled slash": b"/" + path,
        "a dot segment": b"/." + path,
        "a way there and back": b"/x/.." + path,
        "parameters": path + b";a=b",
        "a blank": path + b"%20",
        "a backslash": b"\\" + path[1:],
        "an escaped slash": b"/x%2F.." + path,
        "a slash behind": path + b"//",
        "a null byte": b"/%00" + first + path[2:],
    }
    methods = {
        "PUT": replace(plain, method=b"PUT"),
        "a method in lower case": replace(plain, method=plain.method.lower()),
        "another method in a header": with_header(plain, b"X-HTTP-Method-Override", b"POST"),
        "another method in the query": replace(plain, target=path + (query + b"&" if query else b"?") + b"_method=PUT"),
    }
    bodies = {
        "compressed": with_header(plain, b"Content-Encoding", b"gzip"),
        "another type": with_header(plain, b"Content-Type", b"text/plain"),
        "another charset": with_header(plain, b"Content-Type", b"application/json; charset=utf-16"),
        "two types": replace(plain, headers=(*plain.headers, (b"content-type", b"text/xml"))),
        "bytes behind": replace(plain, body=plain.body + b"{}"),
        "a field in the query": replace(plain, target=path + b"?%s=x" % door.names[0].encode()),
    }
    paths = {name: replace(plain, target=target + query) for name, target in spelled.items()}
    return paths | methods | (bodies if plain.body else {})


DISGUISES = [
    pytest.param(door, disguised, id=f"{door.capture}: {name}")
    for door in DOORS
    for name, disguised in disguises(door).items()
]


@pytest.mark.parametrize(("door", "disguised"), DISGUISES)
def test_a_send_in_disguise_is_claimed_and_refused(door, disguised):
    assert door.dialect.claims(replace(disguised, body=b""))
    with pytest.raises(Unreadable):
        door.dialect.read(disguised)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.capture)
def test_a_key_given_twice_or_in_capitals_is_refused(door):
    plain = door.request
    for name in (*door.names, *map(str.capitalize, door.names)):
        if plain.body:
            again = replace(plain, body=plain.body[:-1] + f', "{name}": "x"}}'.encode())
        else:
            again = replace(plain, target=plain.target + f"&{name}=x".encode())
        with pytest.raises(Unreadable):
            door.dialect.read(again)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.capture)
@given(data=st.data())
@settings(max_examples=40)
def test_any_body_is_read_or_refused_and_nothing_else_happens(door, data):
    plain = door.request
    members = st.dictionaries(st.sampled_from([*door.names, door.names[0].upper()]), anything, max_size=5)
    body = data.draw(st.binary() | members.map(lambda value: json.dumps(value).encode()))
    posted = replace(plain, body=body) if plain.body else replace(plain, target=plain.path + b"?" + body)
    try:
        answered = door.dialect.read(posted)
    except Unreadable as error:
        answered = door.dialect.refuse(plain, error.reason, str(error), error.field)
    assert isinstance(answered, Send) or (answered is not None and answered.body)


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
SEVERAL = [name for name, drafts in SENDS.items() if len(drafts) > 1]


@pytest.mark.parametrize("name", SEVERAL)
@given(new=texts, data=st.data())
@settings(max_examples=40)
def test_a_new_text_and_fewer_recipients_read_back(name, new, data):
    dialect, send = dialect_of(name), read(dialect_of(name), request(name))
    kept = data.draw(st.sets(st.sampled_from(range(len(send.drafts))), min_size=1))
    after = dialect.write(send, dict.fromkeys(kept, new))
    expected = tuple(replace(send.drafts[place], text=new) for place in sorted(kept))
    assert read(dialect, after).drafts == expected


@pytest.mark.parametrize("name", sorted({name.partition("-")[0] for name in SENDS}))
def test_only_suppressions_and_bad_numbers_may_look_like_an_opt_out(name):
    captured = next(request(each) for each in SENDS if each.startswith(name))
    answers = {reason: dialect_named(name).refuse(captured, reason, "because of a rule") for reason in Reason}
    assert all(b"because of a rule" in answer.body for answer in answers.values())
    alike = {reason for reason, answer in answers.items() if answer == answers[Reason.SUPPRESSED]}
    assert alike <= {Reason.SUPPRESSED, Reason.BAD_NUMBER}
    assert answers[Reason.TRY_AGAIN] != answers[Reason.HOURS]


def test_every_dialect_here_is_one_that_can_be_configured():
    assert {name.partition("-")[0] for name in SENDS} <= DIALECTS.keys()

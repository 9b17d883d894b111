"""What Twilio's servers alone might take for a send (test_disguises.py has what all might): claimed, and refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.dialects.paths import settled
from gateway.dialects.twilio.dialect import Twilio
from gateway.words.errors import Unreadable
from gateway.words.wire import Request
from tests.captures import request

TWILIO = Twilio()
GSM = request("twilio-gsm")
A = "/2010-04-01/Accounts/AC00000000000000000000000000000000"
FORM = GSM.body.decode()

PATHS = [
    ("an escaped letter in the extension", f"{A}/Messages.%6Ason"),
    ("an escaped dot", f"{A}/Messages%2Ejson"),
    ("a dot at the end", f"{A}/Messages."),
    ("an extension alone", f"{A}/Messages/.json"),
    ("another format", f"{A}/Messages.csv"),
    ("two formats", f"{A}/Messages.json.xml"),
    ("the old path in lower case", f"{A}/sms/messages.json"),
    ("the oldest version", A.replace("2010-04-01", "2008-08-01") + "/SMS/Messages.json"),
    ("no version", A.removeprefix("/2010-04-01") + "/Messages.json"),
    ("a prefix", f"/proxy{A}/Messages.json"),
    ("the bulk door", "/v1/Messages"),
    ("the Notify door", "/v1/Services/IS00000000000000000000000000000000/Notifications"),
    ("the Conversations door", "/v1/Conversations/CH00000000000000000000000000000000/Messages"),
    ("a service's Conversations door", "/v1/Services/IS0/Conversations/CH0/Messages"),
]
OTHERS = [
    ("PATCH", replace(GSM, method=b"PATCH")),
    ("GET with a text in the query", replace(GSM, method=b"GET", target=GSM.target + b"?" + GSM.body, body=b"")),
    ("GET with a text behind a semicolon", replace(GSM, method=b"GET", target=GSM.target + b"?a=1;Body=x", body=b"")),
    ("GET with a broken query", replace(GSM, method=b"GET", target=GSM.target + b"?Body=%", body=b"")),
    ("all fields in the query", replace(GSM, target=GSM.target + b"?" + GSM.body, body=b"")),
    ("another recipient in the query", replace(GSM, target=GSM.target + b"?To=%2B12025550199")),
    ("another text in the query", replace(GSM, target=GSM.target + b"?body=x")),
]
DISGUISES = [(name, replace(GSM, target=path.encode())) for name, path in PATHS] + OTHERS


@pytest.mark.parametrize(("disguise", "sent"), DISGUISES, ids=[name for name, _ in DISGUISES])
def test_a_send_in_disguise_is_claimed_and_refused(disguise: str, sent: Request):
    assert TWILIO.claims(replace(sent, body=b""))
    with pytest.raises(Unreadable):
        TWILIO.read(sent)


NO_SENDS = [
    ("the list", b"GET", f"{A}/Messages.json"),
    ("the list, filtered", b"GET", f"{A}/Messages.json?To=%2B12025550123&PageSize=20"),
    ("the list's head", b"HEAD", f"{A}/Messages.json"),
    ("what may be done", b"OPTIONS", f"{A}/Messages.json"),
    ("one message", b"GET", f"{A}/Messages/SM11111111111111111111111111111111.json"),
    ("one message changed", b"POST", f"{A}/Messages/SM11111111111111111111111111111111.json"),
    ("one message deleted", b"DELETE", f"{A}/Messages/SM11111111111111111111111111111111.json"),
    ("one message, without format", b"POST", f"{A}/Messages/SM11111111111111111111111111111111"),
    ("its media", b"GET", f"{A}/Messages/MM11111111111111111111111111111111/Media.json"),
    ("feedback on it", b"POST", f"{A}/Messages/SM11111111111111111111111111111111/Feedback.json"),
    ("a call", b"POST", f"{A}/Calls.json"),
    ("the account", b"GET", f"{A}.json"),
    ("a number bought", b"POST", f"{A}/IncomingPhoneNumbers.json"),
    ("bulk messages listed", b"GET", "/v1/Messages"),
    ("the root", b"POST", "/"),
]


@pytest.mark.parametrize(("situation", "method", "target"), NO_SENDS, ids=[row[0] for row in NO_SENDS])
def test_what_is_no_send_is_not_claimed(situation: str, method: bytes, target: str):
    assert not TWILIO.claims(Request(method, target.encode(), GSM.headers))


mixed = st.lists(st.sampled_from([b"/", b".", b"%2e", b"%2F", b"%25", b"\\", b";x", b"A", b"Messages", b"%00", b"?"]))


@example(path=b"%A\x00A")  # without what stands between, an escape
@given(path=st.binary() | mixed.map(b"".join))
@settings(max_examples=300)
def test_any_path_settles_and_stays_settled(path: bytes):
    plain = settled(path)
    assert plain.startswith(b"/")
    assert b"//" not in plain
    assert settled(plain) == plain
    assert TWILIO.claims(Request(b"POST", b"/" + path, ())) in {True, False}

"""What an operator lets through is named exactly, and is never what the dialect knows as a send."""

from __future__ import annotations

import pytest

from gateway.delivery.upstream import Upstream
from gateway.dialects import dialect_named
from gateway.dialects.passing import Passing
from gateway.words.wire import Request

FEEDBACK = "POST /2010-04-01/Accounts/*/Messages/*/Feedback.json"


@pytest.mark.parametrize(
    ("situation", "said", "asked", "fits"),
    [
        ("one segment each", FEEDBACK, b"POST /2010-04-01/Accounts/AC1/Messages/SM1/Feedback.json?x=1", True),
        ("another method", FEEDBACK, b"GET /2010-04-01/Accounts/AC1/Messages/SM1/Feedback.json", False),
        ("a method in lower case", "POST /a", b"post /a", False),
        ("a segment more", "POST /a/*", b"POST /a/b/c", False),
        ("an empty segment", "POST /a/*", b"POST /a/", False),
        ("a slash at the end", "POST /a", b"POST /a/", False),
        ("another case", "POST /a", b"POST /A", False),
        ("dots for a segment", "POST /a/*/b", b"POST /a/../b", False),
        ("a hidden slash", "POST /a/*", b"POST /a/b%2fc", False),
        ("a backslash", "POST /a/*", b"POST /a/b\\c", False),
        ("parameters", "POST /a/*", b"POST /a/b;c", False),
        ("a dot is a dot", "POST /a.b", b"POST /aXb", False),
    ],
)
def test_only_the_plain_spelling_of_what_was_named_fits(situation, said, asked, fits):
    method, _, target = asked.partition(b" ")
    assert Passing.read(said).fits(Request(method, target, ())) is fits


@pytest.mark.parametrize("said", ["/a", "POST a", "POST /a?b", "post /a", "POST /a/**", "POST /a//b", "POST /%61", ""])
def test_what_names_no_method_and_path_is_no_name(said):
    with pytest.raises(ValueError, match="is no method and path"):
        Passing.read(said)


@pytest.mark.parametrize(
    ("name", "said", "path"),
    [
        ("twilio", "POST /2010-04-01/Accounts/*/*", "/2010-04-01/Accounts/AC1/Messages.json"),
        ("telnyx", "POST /v2/*", "/v2/messages"),
        ("telnyx", "POST /V2/*", "/V2/Messages"),
        ("plivo", "POST /v1/Account/*/*/", "/v1/Account/MA1/Message/"),
        ("vonage", "POST /sms/*", "/sms/json"),
        ("vonage", "POST /v1/*", "/v1/messages"),
        ("kannel", "GET /cgi-bin/*", "/cgi-bin/sendsms"),
    ],
)
def test_a_send_is_never_let_through_by_a_name_that_is_too_wide(name, said, path):
    passing = Passing.read(said)
    upstream = Upstream(name, dialect_named(name), None, passing=(passing,))  # type: ignore[arg-type]
    method = said.partition(" ")[0].encode()
    assert passing.fits(Request(method, path.encode(), ()))
    assert not upstream.lets_through(Request(method, path.encode(), ()))
    assert upstream.lets_through(Request(method, passing.sample, ()))

from __future__ import annotations

import pytest

from gateway.delivery.upstream import Upstream
from gateway.dialects import dialect_named
from gateway.doors.proxy import Route
from gateway.words.wire import Request

UPSTREAM = Upstream("kannel", dialect_named("kannel"), None)  # type: ignore[arg-type]


def asked(target: bytes, host: bytes = b"gateway:8080") -> Request:
    return Request(b"GET", target, ((b"Host", host),))


@pytest.mark.parametrize(
    ("situation", "route", "request_", "takes"),
    [
        ("no prefix and no host takes all", Route(UPSTREAM), asked(b"/x"), True),
        ("its prefix", Route(UPSTREAM, b"/kannel"), asked(b"/kannel/cgi-bin/sendsms?to=1"), True),
        ("its prefix alone", Route(UPSTREAM, b"/kannel"), asked(b"/kannel"), True),
        ("its prefix and a query", Route(UPSTREAM, b"/kannel"), asked(b"/kannel?a=1"), True),
        ("a name that begins alike", Route(UPSTREAM, b"/kannel"), asked(b"/kannels/x"), False),
        (
            "its host, in any case, with a port",
            Route(UPSTREAM, host=b"sms.example"),
            asked(b"/", b"SMS.example:80"),
            True,
        ),
        ("its host without a port", Route(UPSTREAM, host=b"sms.example"), asked(b"/", b"sms.example"), True),
        ("an IPv6 host", Route(UPSTREAM, host=b"[::1]"), asked(b"/", b"[::1]:80"), True),
        ("an IPv6 host without a port", Route(UPSTREAM, host=b"[::1]"), asked(b"/", b"[::1]"), True),
        ("another host", Route(UPSTREAM, host=b"sms.example"), asked(b"/", b"example"), False),
    ],
)
def test_a_route_takes_what_is_its_own(situation: str, route: Route, request_: Request, takes: bool) -> None:
    assert route.takes(request_) is takes


@pytest.mark.parametrize(
    ("target", "stripped"),
    [
        (b"/kannel/cgi-bin/sendsms?to=%2B1", b"/cgi-bin/sendsms?to=%2B1"),
        (b"/kannel", b"/"),
        (b"/kannel?a=1", b"/?a=1"),
    ],
)
def test_a_prefix_is_taken_off_and_nothing_else_is_spelled_anew(target: bytes, stripped: bytes) -> None:
    assert Route(UPSTREAM, b"/kannel").stripped(asked(target)).target == stripped

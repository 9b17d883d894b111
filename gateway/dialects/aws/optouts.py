"""Amazon's lists of opt-outs: SNS has one for the account in each region, End User Messaging several, by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import unescape

import orjson

from gateway.dialects.aws import publish, texts
from gateway.dialects.optout_list import OptOutList, OptOutWriter, Page, TheirOptOut
from gateway.words.errors import Unreadable
from gateway.words.wire import Credentials, Request, Response

PAGE = 100  # entries that are asked for at once
DEFAULT = "Default"  # the list of every number that was given no other

_SNS_PAGE = re.compile(r"<ListPhoneNumbersOptedOutResult\s*/?>")
_MEMBER = re.compile(r"<member>([^<]+)</member>")
_TOKEN = re.compile(r"<nextToken>([^<]+)</nextToken>")


class SnsOptOuts(OptOutList):
    """Numbers without their instants; each is opted out of the whole account."""

    def page(self, which: str, credentials: Credentials) -> Request:
        asked = {"Action": "ListPhoneNumbersOptedOut", "Version": publish.VERSION}
        return publish.posted(asked | ({"nextToken": which} if which else {}))

    def read(self, response: Response) -> Page:
        body = response.body.decode("utf-8", "replace")
        if not _SNS_PAGE.search(body):
            raise _no_page()
        token = _TOKEN.search(body)
        numbers = (unescape(number) for number in _MEMBER.findall(body))
        return Page(tuple(TheirOptOut(number, "", None) for number in numbers), unescape(token[1]) if token else "")


class TextOptOuts(OptOutList):
    """Of the list `Default`; who is on it is opted out of all numbers that use it."""

    def page(self, which: str, credentials: Credentials) -> Request:
        asked = {"OptOutListName": DEFAULT, "MaxResults": PAGE}
        return texts.posted("DescribeOptedOutNumbers", asked | ({"NextToken": which} if which else {}))

    def read(self, response: Response) -> Page:
        try:
            told = orjson.loads(response.body)
            return Page(tuple(map(_opt_out, told["OptedOutNumbers"])), str(told.get("NextToken") or ""))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise _no_page() from None


class TextOptOutWriter(OptOutWriter):
    """To the list `Default`, one number a request."""

    most = 1
    by_sender = False

    def put(self, opt_outs: Sequence[TheirOptOut], credentials: Credentials) -> Request:
        said = {"OptOutListName": DEFAULT, "OptedOutNumber": opt_outs[0].number}
        return texts.posted("PutOptedOutNumber", said)

    def taken(self, opt_outs: Sequence[TheirOptOut], response: Response) -> list[bool]:
        try:
            return [orjson.loads(response.body)["OptedOutNumber"] == opt_outs[0].number]
        except (ValueError, KeyError, TypeError):
            raise Unreadable("the answer is none to an opt-out: is the upstream's url that of the carrier?") from None


def _opt_out(entry: Any) -> TheirOptOut:
    at = entry.get("OptedOutTimestamp")
    since = datetime.fromtimestamp(at, UTC) if isinstance(at, int | float) else None
    return TheirOptOut(str(entry["OptedOutNumber"]), "", since)


def _no_page() -> Unreadable:
    return Unreadable("the answer is no page of opt-outs: is the upstream's url that of the carrier?")

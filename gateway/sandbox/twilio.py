"""As much of Twilio's REST API as its SDK needs to send, fetch, list, change and delete messages.

Nobody has an account here: any credentials will do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from aiohttp import web

from gateway.sandbox.sent import Json, Sent
from gateway.sandbox.smsc import Smsc

MESSAGES = "/2010-04-01/Accounts/{account}/Messages"
PAGE, LARGEST_PAGE = 50, 1000  # messages a page: unless asked otherwise, and at most
LONGEST = 1600  # characters of a body

_TO = re.compile(r"(?:[a-z]+:)?\+?[1-9][0-9]{6,14}")  # whatsapp:+1..., rcs:+1... are numbers of other channels

Form = Mapping[str, object]


class CarrierError(Exception):
    """A refusal in Twilio's form."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code

    def response(self) -> web.Response:
        more = f"https://www.twilio.com/docs/errors/{self.code}"
        told = {"code": self.code, "message": str(self), "more_info": more, "status": self.status}
        return web.json_response(told, status=self.status)


def not_found(called: web.Request) -> CarrierError:
    return CarrierError(404, 20404, f"The requested resource {called.path} was not found")


def routes(smsc: Smsc) -> list[web.RouteDef]:
    api = _Api(smsc)
    return [
        web.post(MESSAGES + ".json", api.create),
        web.get(MESSAGES + ".json", api.list),
        web.get(MESSAGES + "/{sid}.json", api.fetch),
        web.post(MESSAGES + "/{sid}.json", api.update),
        web.delete(MESSAGES + "/{sid}.json", api.delete),
        web.get(MESSAGES + "/{sid}/Media.json", api.media),
    ]


class _Api:
    """One method an operation. All raise CarrierError."""

    def __init__(self, smsc: Smsc) -> None:
        self._smsc = smsc

    async def create(self, called: web.Request) -> web.Response:
        account, form = called.match_info["account"], await called.post()
        _checked(form)
        sent = self._smsc.take(_value(form, "To"), _value(form, "From"), _value(form, "Body"), account)
        sent.service = _value(form, "MessagingServiceSid") or None
        sent.media = [str(url) for url in form.getall("MediaUrl", [])]
        if sent.service:
            sent.status = "scheduled" if "SendAt" in form else "accepted"  # without a service SendAt is not heeded
        answer = web.json_response(sent.resource(), status=201)
        sent.arrive(self._smsc.clock())
        return answer

    async def list(self, called: web.Request) -> web.Response:
        account, asked = called.match_info["account"], called.query
        found = [
            message
            for message in reversed(self._smsc.messages)
            if (message.account, message.deleted) == (account, False)
            and asked.get("To", message.to) == message.to
            and asked.get("From", message.sender) == message.sender
        ]
        return web.json_response(_page(called, found))

    async def fetch(self, called: web.Request) -> web.Response:
        return web.json_response(self._found(called).resource())

    async def update(self, called: web.Request) -> web.Response:
        message, form = self._found(called), await called.post()
        if "Status" in form:
            _cancel(message, _value(form, "Status"))
        if "Body" in form:
            _redact(message, _value(form, "Body"))
        return web.json_response(message.resource())

    async def delete(self, called: web.Request) -> web.Response:
        self._found(called).deleted = True
        return web.Response(status=204)

    async def media(self, called: web.Request) -> web.Response:
        listed = self._found(called).attachments()
        return web.json_response({"media_list": listed, **_edges(called, 0, LARGEST_PAGE, len(listed))})

    def _found(self, called: web.Request) -> Sent:
        account, sid = called.match_info["account"], called.match_info["sid"]
        for message in self._smsc.messages:
            if (message.sid, message.account, message.deleted) == (sid, account, False):
                return message
        raise not_found(called)


def _value(form: Form, name: str) -> str:
    return str(form.get(name, ""))


def _checked(form: Form) -> None:
    to, body = _value(form, "To"), _value(form, "Body")
    if not to:
        raise CarrierError(400, 21604, "A 'To' phone number is required.")
    if not _TO.fullmatch(to):
        raise CarrierError(400, 21211, f"The 'To' number {to} is not a valid phone number.")
    if not (_value(form, "From") or _value(form, "MessagingServiceSid")):
        raise CarrierError(400, 21603, "A 'From' phone number is required.")
    if not (body or "MediaUrl" in form or "ContentSid" in form):
        raise CarrierError(400, 21602, "Message body is required.")
    if len(body) > LONGEST:
        raise CarrierError(400, 21617, f"The message body is longer than {LONGEST} characters.")


def _cancel(message: Sent, status: str) -> None:
    if status != "canceled" or message.status != "scheduled":
        raise CarrierError(400, 30409, "This message cannot be canceled")
    message.status = status


def _redact(message: Sent, body: str) -> None:
    if body:
        raise CarrierError(400, 20001, "A body can only be made empty")  # the code is a guess: none is documented
    message.body = ""


def _page(called: web.Request, found: Sequence[Sent]) -> Json:
    """One page, and where the next begins: behind the last message shown, so that new ones shift nothing."""
    size, page = min(max(_asked(called, "PageSize", PAGE), 1), LARGEST_PAGE), _asked(called, "Page", 0)
    after = called.query.get("PageToken", "").removeprefix("PA")
    start = next((place + 1 for place, message in enumerate(found) if message.sid == after), 0)
    shown = found[start : start + size]
    more = _address(called, size, page + 1, shown[-1].sid) if len(found) > start + size else None
    edges = _edges(called, page, size, len(shown))
    return {"messages": [message.resource() for message in shown], **edges, "next_page_uri": more}


def _asked(called: web.Request, name: str, otherwise: int) -> int:
    value = called.query.get(name, "")
    return int(value) if value.isdecimal() else otherwise


def _edges(called: web.Request, page: int, size: int, shown: int) -> Json:
    return {
        "page": page,
        "page_size": size,
        "start": page * size,
        "end": page * size + max(shown - 1, 0),
        "uri": called.path_qs,
        "first_page_uri": _address(called, size, 0),
        "next_page_uri": None,
        "previous_page_uri": None,
    }


def _address(called: web.Request, size: int, page: int, after: str = "") -> str:
    """The same list with the same filters, another page of it."""
    asked = {name: value for name, value in called.query.items() if name in {"To", "From"}}
    token = {"PageToken": f"PA{after}"} if after else {}
    return f"{called.path}?{urlencode({**asked, 'PageSize': size, 'Page': page, **token})}"

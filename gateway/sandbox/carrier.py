"""A carrier that reaches nobody: Twilio's REST API for its SDK to send, fetch and list; and Kannel's sendsms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from secrets import token_hex
from typing import Any

from aiohttp import web

from gateway.text.segments import segments
from gateway.words.wire import Request

API = "/2010-04-01/Accounts/{account}"
PAGE = 50  # messages a page, unless asked otherwise
LARGEST = 32 << 20  # bytes of a body

Json = dict[str, Any]


@dataclass(slots=True)
class Sent:
    """A message as the carrier keeps it."""

    sid: str
    account: str
    to: str
    sender: str
    service: str | None
    body: str
    media: list[str]
    at: datetime
    status: str = "queued"

    def resource(self) -> Json:
        """Twilio's message resource."""
        uri = f"/2010-04-01/Accounts/{self.account}/Messages/{self.sid}"
        date = format_datetime(self.at)
        return {
            "account_sid": self.account,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": date,
            "date_sent": None,
            "date_updated": date,
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": self.sender or None,
            "messaging_service_sid": self.service,
            "num_media": str(len(self.media)),
            "num_segments": str(segments(self.body).count),
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }


class CarrierError(Exception):
    """A refusal in Twilio's form."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass(slots=True)
class Carrier:
    """Keeps what it was sent, in order. `fault` may answer in its place."""

    clock: Callable[[], datetime]
    messages: list[Sent] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    fault: Callable[[web.Request], Awaitable[web.StreamResponse | None]] | None = None

    def texts_to(self, number: str) -> list[str]:
        """What that handset has got, the oldest first."""
        return [message.body for message in self.messages if message.to == number]

    def sender_to(self, number: str) -> str:
        """Who texted that handset last, and so whom it answers; "" where nobody has."""
        return next((message.sender for message in reversed(self.messages) if message.to == number), "")

    def deliver(self, to: str, sender: str, text: str, account: str = "AC" + "0" * 32) -> Sent:
        """Take a message."""
        sent = Sent(f"SM{token_hex(16)}", account, to, sender, None, text, [], self.clock())
        self.messages.append(sent)
        return sent

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(API + "/Messages.json", self._create),
            web.get(API + "/Messages.json", self._list),
            web.get(API + "/Messages/{sid}.json", self._fetch),
            web.post(API + "/Messages/{sid}.json", self._update),
            web.delete(API + "/Messages/{sid}.json", self._delete),
            web.get(API + "/Messages/{sid}/Media.json", self._media),
            web.get("/cgi-bin/sendsms", self._sendsms),
        ]

    @web.middleware
    async def middleware(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Keep each request as it came, and answer errors as Twilio does."""
        body = await request.read()
        self.requests.append(
            Request(request.method.encode(), request.raw_path.encode("latin-1"), tuple(request.raw_headers), body)
        )
        if self.fault and (answer := await self.fault(request)):
            return answer
        try:
            return await handler(request)
        except CarrierError as error:
            return _refusal(error)
        except web.HTTPNotFound:
            return _refusal(_not_found(request))

    async def _create(self, called: web.Request) -> web.Response:
        form = await called.post()
        to, sender = str(form.get("To", "")), str(form.get("From", ""))
        service = str(form["MessagingServiceSid"]) if "MessagingServiceSid" in form else None
        media = [str(url) for url in form.getall("MediaUrl", [])]
        body = str(form.get("Body", ""))
        if not to:
            raise CarrierError(400, 21604, "A 'To' phone number is required.")
        if not to.startswith("+"):
            raise CarrierError(400, 21211, "The 'To' number is not a valid phone number.")
        if not (sender or service):
            raise CarrierError(400, 21603, "A 'From' phone number is required.")
        if not (body or media or "ContentSid" in form):
            raise CarrierError(400, 21602, "Message body is required.")
        sent = self.deliver(to, sender, body, called.match_info["account"])
        sent.service, sent.media = service, media
        sent.status = "scheduled" if "SendAt" in form else "accepted" if service else "queued"
        return web.json_response(sent.resource(), status=201)

    async def _list(self, called: web.Request) -> web.Response:
        asked = called.query
        found = [
            message
            for message in reversed(self.messages)
            if message.account == called.match_info["account"]
            and asked.get("To", message.to) == message.to
            and asked.get("From", message.sender) == message.sender
        ]
        size, page = int(asked.get("PageSize", PAGE)), int(asked.get("Page", 0))
        shown = found[page * size : (page + 1) * size]
        path = called.path
        more = f"{path}?PageSize={size}&Page={page + 1}" if len(found) > (page + 1) * size else None
        return web.json_response(
            {
                "messages": [message.resource() for message in shown],
                "page": page,
                "page_size": size,
                "start": page * size,
                "end": page * size + max(len(shown) - 1, 0),
                "uri": called.path_qs,
                "first_page_uri": f"{path}?PageSize={size}&Page=0",
                "next_page_uri": more,
                "previous_page_uri": f"{path}?PageSize={size}&Page={page - 1}" if page else None,
            }
        )

    async def _fetch(self, called: web.Request) -> web.Response:
        return web.json_response(self._found(called).resource())

    async def _update(self, called: web.Request) -> web.Response:
        message, form = self._found(called), await called.post()
        if form.get("Status") == "canceled":
            message.status = "canceled"
        if form.get("Body") == "":
            message.body = ""
        return web.json_response(message.resource())

    async def _delete(self, called: web.Request) -> web.Response:
        self.messages.remove(self._found(called))
        return web.Response(status=204)

    async def _media(self, called: web.Request) -> web.Response:
        message = self._found(called)
        listed = [{"sid": f"ME{index:032x}", "parent_sid": message.sid} for index, _ in enumerate(message.media)]
        return web.json_response({"media_list": listed, "uri": called.path_qs})

    def _found(self, called: web.Request) -> Sent:
        wanted = called.match_info["sid"]
        found = next((message for message in self.messages if message.sid == wanted), None)
        if found is None:
            raise _not_found(called)
        return found

    async def _sendsms(self, called: web.Request) -> web.Response:
        asked = called.query
        recipients = asked.get("to", "").split()
        if not recipients:
            return web.Response(status=400, text="Missing receiver number, rejected")
        for to in recipients:
            self.deliver(f"+{to.removeprefix('+')}", asked.get("from", ""), asked.get("text", ""))
        return web.Response(status=202, text="0: Accepted for delivery")


def _not_found(called: web.Request) -> CarrierError:
    return CarrierError(404, 20404, f"The requested resource {called.path} was not found")


def _refusal(error: CarrierError) -> web.Response:
    more = f"https://www.twilio.com/docs/errors/{error.code}"
    told = {"code": error.code, "message": str(error), "more_info": more, "status": error.status}
    return web.json_response(told, status=error.status)

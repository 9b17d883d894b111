"""The door of opt-out links. Only a POST changes anything: who fetches links to scan or preview them does no harm.

There is no session, so there is nothing to forge a request with: whoever can post to a link has it, and may opt out.
The page carries the link's row, sealed, so that a press of its button is in the journal though the store is away.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from time import monotonic
from urllib.parse import parse_qs

from aiohttp import web

from gateway.doors.buckets import Buckets
from gateway.doors.pages import HEADERS, Form, Page, language_for
from gateway.links import Links, Standing
from gateway.store.links import Linker
from gateway.store.vault import Unopened
from gateway.telemetry import Meter
from gateway.words.errors import StoreAway
from gateway.words.facts import SCOPE_ALL
from gateway.words.link import Link, token_read
from gateway.words.program import DEFAULT_PROGRAM, Program

METHODS = ("GET", "HEAD", "POST", "OPTIONS")
RETRY = "60"  # seconds

# Who holds a link is turned away only for pressing its button again and again. An address, which a mobile network may
# share out among thousands, is held to account for links that don't exist.
MISSES = (0.1, 20)  # an address: a second, and at once
ALL_MISSES = (20.0, 200)
PRESSES = (0.1, 10)  # a link's

UNKNOWN = Page("unknown", ["unknown_said"], {})
LATER = Page("later", ["later_said"], {})
SURE = Page("sure", ["sure_said"], {})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LinkDoor:
    """Serves `/TOKEN`, and `/TOKEN/programs` to choose what to keep."""

    def __init__(
        self,
        links: Links,
        linker: Linker,
        meter: Meter,
        ingress: Sequence[IPv4Network | IPv6Network],
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        """`ingress`: those whose word is taken for who calls."""
        self._links = links
        self._linker = linker
        self._meter = meter
        self._ingress = ingress
        self._misses, self._all_misses, self._presses = (
            Buckets(*limit, seconds) for limit in (MISSES, ALL_MISSES, PRESSES)
        )

    def add_to(self, app: web.Application) -> None:
        """Behind all other routes: a link may look like any of them."""
        app.router.add_route("*", "/{token}", self._handler(choosing=False))
        app.router.add_route("*", "/{token}/programs", self._handler(choosing=True))

    def _handler(self, *, choosing: bool) -> Handler:
        async def handle(called: web.Request) -> web.StreamResponse:
            if called.method not in METHODS:
                return web.Response(status=405, headers={**HEADERS, "Allow": ", ".join(METHODS)})
            if called.method == "OPTIONS":
                return web.Response(status=204, headers={**HEADERS, "Allow": ", ".join(METHODS)})
            try:
                return await (self._pressed if called.method == "POST" else self._shown)(called, choosing)
            except StoreAway:
                self._meter.store_away()
                return _answer(called, LATER, 503)

        return handle

    async def _shown(self, called: web.Request, choosing: bool) -> web.StreamResponse:
        link = await self._found(called)
        if link is None:
            return self._unknown(called)
        standing = await self._links.standing(link)
        page = self._choosing(link, standing) if choosing else self._button(link, standing)
        return _answer(called, page, 200, standing.program.language)

    def _button(self, link: Link, standing: Standing) -> Page:
        values = {"name": _name(standing.program, link.sender), "digits": link.number[-2:]}
        if standing.ended:
            return Page("title", ["from", "already", "again"], values)
        says = "ends_all" if standing.scope == SCOPE_ALL else "ends_some"
        more = (f"/{link.token}/programs", "choose") if len(standing.choices) > 1 else None
        return Page("title", ["from", says], values, Form("button", self._row(link)), more)

    def _choosing(self, link: Link, standing: Standing) -> Page:
        choices = [(each.name, _name(each, link.sender)) for each in standing.choices]
        if not choices:
            return self._button(link, standing)
        return Page("title", ["choice_hint"], {}, Form("choice_button", self._row(link), choices))

    async def _pressed(self, called: web.Request, choosing: bool) -> web.StreamResponse:
        form = parse_qs((await called.read()).decode("utf-8", "replace"))
        link = self._carried(called, form.get("row", [""])[0]) or await self._found(called)
        if link is None:
            return self._unknown(called)
        if not self._presses.take(link.token):
            return _answer(called, LATER, 429)
        language = self._links.program(link).language
        kept = form.get("keep", []) if choosing else None
        try:
            await self._links.opt_out(link, kept, called.headers.get("User-Agent", ""))
        except StoreAway:  # it is in the journal, and this host honours it
            self._meter.store_away()
            return _answer(called, SURE, 503, language)
        return _answer(called, Page("done", ["ended", "again"], {}), 200, language)

    async def _found(self, called: web.Request) -> Link | None:
        token = token_read(called.match_info["token"])
        return await self._links.whose(token) if token else None

    def _row(self, link: Link) -> str:
        return urlsafe_b64encode(self._linker.sealed(link)).decode("ascii")

    def _carried(self, called: web.Request, row: str) -> Link | None:
        """What the page said of its link, if it did, and of this one."""
        token = token_read(called.match_info["token"])
        try:
            return self._linker.opened(token, urlsafe_b64decode(row)) if token and row else None
        except (Unopened, BadBase64, ValueError):
            return None

    def _unknown(self, called: web.Request) -> web.StreamResponse:
        """Says how else to opt out, and nothing of whether the link was ever somebody's."""
        if token_read(called.match_info["token"]) is None:
            return _answer(called, UNKNOWN, 404)
        allowed = self._misses.take(self._address(called)) and self._all_misses.take("")
        return _answer(called, UNKNOWN, 404) if allowed else _answer(called, LATER, 429)

    def _address(self, called: web.Request) -> str:
        """Who calls: of those that an ingress names the last that is none itself. IPv6: the network of a household."""
        forwarded = ",".join(called.headers.getall("X-Forwarded-For", [])).split(",")
        address = called.remote or ""
        for named in [each.strip() for each in reversed(forwarded) if each.strip()]:
            if not self._is_ingress(address):
                break
            address = named
        return _network(address)

    def _is_ingress(self, address: str) -> bool:
        try:
            ip = ip_address(address)
        except ValueError:
            return False
        return any(ip in network for network in self._ingress)


def _network(address: str) -> str:
    try:
        ip = ip_address(address)
    except ValueError:
        return ""
    return str(IPv6Network((ip, 64), strict=False)) if isinstance(ip, IPv6Address) else str(ip)


def _name(program: Program, sender: str) -> str:
    """As recipients know it: by its brand; what the program is called tells those of one brand apart."""
    name = program.called or (program.name if program.name != DEFAULT_PROGRAM.name else "")
    if program.brand:
        return f"{program.brand} ({name})" if name and name.lower() not in program.brand.lower() else program.brand
    return name or sender or program.name


def _answer(called: web.Request, page: Page, status: int, otherwise: str = "") -> web.Response:
    language = language_for(called.headers.get("Accept-Language", ""), otherwise)
    more = {"Content-Language": language} | ({"Retry-After": RETRY} if status in {429, 503} else {})
    return web.Response(text=page.html(language), status=status, content_type="text/html", headers={**HEADERS, **more})

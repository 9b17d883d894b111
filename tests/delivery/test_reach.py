"""A client that names a URL for its callback gets no way to what only the gateway's host can reach."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network

import pytest
from aiohttp import web

from gateway.config.terms import LOOPBACK, PRIVATE
from gateway.delivery.legacy import Legacy
from gateway.delivery.reach import Reach
from gateway.words.wire import Request

EVERYTHING = (ip_network("0.0.0.0/0"), ip_network("::/0"))
ORDINARY = (*LOOPBACK, *PRIVATE)
CALLBACK = Request(b"POST", b"/status", ((b"Content-Type", b"text/plain"),), b"delivered")


@pytest.mark.parametrize(
    ("situation", "address", "allowed", "called"),
    [
        ("a public address", "93.184.215.14", (), True),
        ("a public address of IPv6", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", (), True),
        ("the system beside an ordinary sidecar", "127.0.0.1", ORDINARY, True),
        ("the same, of IPv6", "::1", ORDINARY, True),
        ("the system on the next host", "10.1.2.3", ORDINARY, True),
        ("the same, of IPv6", "fd12:3456::7", ORDINARY, True),
        ("a private address that nobody allowed", "10.1.2.3", LOOPBACK, False),
        ("loopback that nobody allowed", "127.0.0.1", PRIVATE, False),
        ("shared address space that nobody allowed", "100.64.0.9", ORDINARY, False),
        ("the metadata service, where everything is allowed", "169.254.169.254", EVERYTHING, False),
        ("the same as an IPv4-mapped address", "::ffff:169.254.169.254", EVERYTHING, False),
        ("the same through 6to4", "2002:a9fe:a9fe::1", EVERYTHING, False),
        ("the same through NAT64", "64:ff9b::a9fe:a9fe", EVERYTHING, False),
        ("a private address through NAT64", "64:ff9b::a01:203", (), False),
        ("a public address through NAT64", "64:ff9b::5db8:d70e", (), True),
        ("the metadata service of AWS on IPv6", "fd00:ec2::254", ORDINARY, False),
        ("that of Alibaba Cloud", "100.100.100.200", EVERYTHING, False),
        ("that of Azure, in public space", "168.63.129.16", EVERYTHING, False),
        ("link-local of IPv6, with its interface", "fe80::1%eth0", EVERYTHING, False),
        ("multicast", "224.0.0.1", EVERYTHING, False),
        ("the unspecified address, which leads home", "0.0.0.0", EVERYTHING, False),
        ("the same of IPv6", "::", EVERYTHING, False),
        ("a reserved address of IPv6 that hides loopback", "::7f00:1", (), False),
    ],
)
def test_only_public_and_allowed_addresses_are_called(situation, address, allowed, called):
    assert (Reach(allowed).why_not(address, 80) == "") is called


def test_the_gateways_own_management_port_is_not_called_where_loopback_is():
    reach = Reach(ORDINARY, frozenset({8082}))
    assert reach.why_not("127.0.0.1", 8082)
    assert reach.why_not("10.0.0.5", 8082)
    assert not reach.why_not("127.0.0.1", 8080)
    assert not reach.why_not("93.184.215.14", 8082)


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[int, list[str]]]:
    """A server on loopback: its port, and what reached it. `/moved` sends on to `/status`."""
    arrived: list[str] = []

    async def handle(called: web.Request) -> web.Response:
        arrived.append(called.path)
        return web.Response(status=307, headers={"Location": "/status"}) if called.path == "/moved" else web.Response()

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1], arrived
    finally:
        await runner.cleanup()


async def called(url: str, reach: Reach) -> int | None:
    legacy = Legacy(reach)
    await legacy.open()
    try:
        answer = await legacy.tell(CALLBACK, url)
    finally:
        await legacy.close()
    return answer.status if answer else None


@pytest.mark.parametrize(
    ("situation", "host", "allowed"),
    [
        ("by its address", "127.0.0.1", PRIVATE),
        ("by a name that leads there", "localhost", PRIVATE),
        ("by its address as one number", "2130706433", PRIVATE),
        ("as an IPv4-mapped address", "[::ffff:127.0.0.1]", PRIVATE),
        ("by the unspecified address, where all is allowed", "0.0.0.0", EVERYTHING),
    ],
)
async def test_what_is_out_of_reach_is_not_even_connected_to(situation, host, allowed):
    async with listening() as (port, arrived):
        assert await called(f"http://{host}:{port}/status", Reach(allowed)) is None
        assert arrived == []


async def test_what_is_within_reach_is_called_by_its_name():
    async with listening() as (port, arrived):
        assert await called(f"http://localhost:{port}/status", Reach(LOOPBACK)) == 200
        assert arrived == ["/status"]


async def test_a_redirect_is_not_followed():
    async with listening() as (port, arrived):
        assert await called(f"http://127.0.0.1:{port}/moved", Reach(LOOPBACK)) == 307
        assert arrived == ["/moved"]


@pytest.mark.parametrize("url", ["http://[::1", "ftp://127.0.0.1/", "http://", "/status"])
async def test_what_is_no_url_is_no_call(url):
    assert await called(url, Reach(EVERYTHING)) is None

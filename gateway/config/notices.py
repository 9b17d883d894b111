"""What works, but not wholly: said when the gateway starts, by readiness and by `policy check`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from gateway.config.model import ConfigWritten, UpstreamWritten
from gateway.config.terms import Listener
from gateway.dialects.base import Dialect
from gateway.replies.keywords import Intent, keyword_of
from gateway.words.program import ADVERTISING, Program


def notices(written: UpstreamWritten, dialect: Dialect) -> Iterator[str]:
    """Of an upstream: what goes through it unread. And where it has no credentials: what leaves later, or is ours, is
    then composed with the client's or not at all."""
    for each in written.passing:
        yield f"`{written.name}` lets `{each.said}` through: whatever leaves by it, nobody decides on it"
    if written.credentials is not None:
        return
    if dialect.signer(None):
        yield f"`{written.name}` has no `credentials`: what comes signed for the gateway's host is refused"
    if written.deferred == "hold" and dialect.holding and (fleeting := dialect.holding.fleeting):
        yield f"`{written.name}` has no `credentials`: what comes with {fleeting} is refused where it could wait"
    if written.webhook:
        yield (
            f"`{written.name}` hears replies and has no `credentials`: confirmations and other texts of our own "
            "can't leave by it"
        )


def open_to_all(written: ConfigWritten) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Of each listener of the proxy that others than this machine reach and that asks for no proof: where it stands."""
    if written.clients or (written.listen.tls and written.listen.tls.client_ca):
        return
    listeners: list[tuple[tuple[str | int, ...], Listener]] = [(("listen", "proxy"), written.listen.proxy)]
    for index, upstream in enumerate(written.upstreams):
        if upstream.listen:
            listeners.append((("upstreams", index, "listen"), upstream.listen))
    for where, listener in listeners:
        if not _is_near(listener.host):
            why = "whoever reaches it may send; name `clients`, or a `client_ca` under `tls`, if that is not only you"
            yield where, f"{listener.host}:{listener.port} is not of this machine only; {why}"


def _is_near(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def deaf(program: Program) -> Iterator[tuple[int, str]]:
    """Of a program that advertises: which of the words that it takes for its own opt out everywhere else, and why not.

    CANCEL, END, QUIT and REVOKE revoke consent whatever their sender meant (47 CFR 64.1200(a)(10)).
    """
    if program.category not in ADVERTISING:
        return
    for place, word in enumerate(program.replies.taken):
        keyword = keyword_of(word)
        if keyword and keyword.intent is Intent.OPT_OUT:
            then = "ask recipients for another word, or take this one in a program that does not advertise"
            why = f"`{word}` revokes consent whatever its writer means, and `{program.name}` advertises on after it"
            yield place, f"{why}; {then}"

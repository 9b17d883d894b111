"""What works, but not wholly: said when the gateway starts, by readiness and by `policy check`."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.config.model import UpstreamWritten
from gateway.dialects.base import Dialect


def notices(written: UpstreamWritten, dialect: Dialect) -> Iterator[str]:
    """Of an upstream that has no credentials: what leaves later, or is ours, is then composed with the client's or not
    at all."""
    if written.credentials is not None:
        return
    if written.deferred == "hold" and dialect.holding and (fleeting := dialect.holding.fleeting):
        yield f"`{written.name}` has no `credentials`: what comes with {fleeting} is refused where it could wait"
    if written.webhook:
        yield (
            f"`{written.name}` hears replies and has no `credentials`: confirmations and other texts of our own "
            "can't leave by it"
        )

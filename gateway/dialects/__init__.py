"""Carriers' dialects by name. Nothing registers itself by being imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from gateway.dialects.base import Dialect
from gateway.dialects.generic import Generic
from gateway.dialects.kannel import Kannel
from gateway.dialects.plivo import Plivo
from gateway.dialects.telnyx import Telnyx
from gateway.dialects.twilio import Twilio
from gateway.dialects.vonage import Vonage

DIALECTS: Mapping[str, Callable[..., Dialect]] = MappingProxyType(
    {"twilio": Twilio, "telnyx": Telnyx, "plivo": Plivo, "vonage": Vonage, "kannel": Kannel, "generic": Generic}
)


def dialect_named(name: str, **options: Any) -> Dialect:
    """The dialect, made with its own options: `kannel` takes path and charset, `vonage` a signature_secret,
    `generic` its description.

    Raises KeyError for a name that is not in DIALECTS, which the configuration has checked.
    """
    return DIALECTS[name](**options)

"""Carriers' dialects by name. Nothing registers itself by being imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from gateway.dialects.aws.dialect import Aws
from gateway.dialects.azure.dialect import Azure
from gateway.dialects.bandwidth.dialect import Bandwidth
from gateway.dialects.base import Dialect
from gateway.dialects.clickatell.dialect import Clickatell
from gateway.dialects.clicksend.dialect import ClickSend
from gateway.dialects.generic.dialect import Generic
from gateway.dialects.infobip.dialect import Infobip
from gateway.dialects.jasmin.dialect import Jasmin
from gateway.dialects.kannel.dialect import Kannel
from gateway.dialects.messagebird.dialect import MessageBird
from gateway.dialects.plivo.dialect import Plivo
from gateway.dialects.sinch.dialect import Sinch
from gateway.dialects.telnyx.dialect import Telnyx
from gateway.dialects.twilio.dialect import Twilio
from gateway.dialects.vonage.dialect import Vonage

DIALECTS: Mapping[str, Callable[..., Dialect]] = MappingProxyType(
    {
        "twilio": Twilio,
        "telnyx": Telnyx,
        "plivo": Plivo,
        "vonage": Vonage,
        "infobip": Infobip,
        "sinch": Sinch,
        "messagebird": MessageBird,
        "aws": Aws,
        "azure": Azure,
        "clicksend": ClickSend,
        "bandwidth": Bandwidth,
        "clickatell": Clickatell,
        "kannel": Kannel,
        "jasmin": Jasmin,
        "generic": Generic,
    }
)


def dialect_named(name: str, **options: Any) -> Dialect:
    """The dialect, made with its own options: `kannel` takes path, charset and reply_fields, `clickatell` a charset,
    `vonage` a signature_secret, `bandwidth` account and application, `aws` a scope, `generic` its description.

    Raises KeyError for a name that is not in DIALECTS, which the configuration has checked.
    """
    return DIALECTS[name](**options)

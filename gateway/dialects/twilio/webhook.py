"""Twilio's calls to us: replies of recipients, and the signature over URL and fields.

The signature is Base64 of an HMAC over the full URL and, for a form, each name and value, sorted by name. The key is
the account's auth token (SHA-1), or a shared key (SHA-256) where X-Twilio-Webhooks-Signature-Settings says so.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit

from gateway.dialects.answers import answer
from gateway.dialects.forms import Form
from gateway.dialects.heads import FORM, content_type, watched, with_header
from gateway.dialects.told import told
from gateway.dialects.verbs import Verbs
from gateway.words.errors import Unreadable
from gateway.words.message import Inbound
from gateway.words.wire import Request

SILENCE = answer(200, b"text/xml", b"<Response/>")
VERBS = Verbs(frozenset({"Message", "Sms"}), "to", "from", plain=True)

_SIGNATURE = b"X-Twilio-Signature"
_SETTINGS = b"x-twilio-webhooks-signature-settings"
_SIGNING = frozenset({_SIGNATURE.lower(), _SETTINGS, b"content-type"})
_DIGESTS = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}
_DEFAULT_PORTS = {"https": 443, "http": 80}


def hear(request: Request) -> Inbound | None:
    """A recipient's reply; None for a status callback, or anything else without a text."""
    form = Form.read(request.query if request.method == b"GET" else request.body)
    text = form.text_of(b"Body")
    if text is None or form.count(b"MessageStatus"):
        return None
    return Inbound(
        id=told(form.text_of(b"MessageSid"), "MessageSid"),
        recipient=told(form.text_of(b"From"), "From"),
        to=told(form.text_of(b"To"), "To"),
        text=text,
        carrier_acted=(form.text_of(b"OptOutType") or "").upper(),
    )


def reply(inbound: Inbound) -> Request:
    """As much of Twilio's call as `hear` and its signature need."""
    fields = {"MessageSid": inbound.id, "From": inbound.recipient, "To": inbound.to, "Body": inbound.text}
    headers = ((b"Content-Type", FORM.encode()), (b"I-Twilio-Idempotency-Token", inbound.id.encode()))
    return Request(b"POST", b"", headers, urlencode(fields).encode("ascii"))


def signed(request: Request, url: str, secret: str) -> bool:
    """Whether Twilio signed this call of `url`; with or without the scheme's default port, as Twilio may use either."""
    try:
        found = watched(request.headers, _SIGNING)
        digest = _DIGESTS.get(_algorithm(found.get(_SETTINGS, b"")))
        fields = _fields(request, url, found.get(b"content-type", b""))
    except Unreadable:
        return False
    if digest is None or fields is None:
        return False
    given = found.get(_SIGNATURE.lower(), b"")
    # Every spelling is compared, so that the time taken tells nothing.
    matches = [hmac.compare_digest(_signature(spelled, fields, secret, digest), given) for spelled in _spellings(url)]
    return any(matches)


def sign(request: Request, url: str, secret: str) -> Request:
    """The call signed for `url`, in the way in which it was signed before. Raises Unreadable for unknown ways."""
    found = watched(request.headers, _SIGNING)
    digest = _DIGESTS.get(_algorithm(found.get(_SETTINGS, b"")))
    fields = _fields(request, url, found.get(b"content-type", b""))
    if digest is None or fields is None:
        raise Unreadable("this webhook is signed in a way that is not known here")
    signature = _signature(url, fields, secret, digest)
    headers = with_header(request.headers, _SIGNATURE, signature)
    return Request(request.method, request.target, headers, request.body)


def _algorithm(settings: bytes) -> str:
    pairs = (part.partition("=") for part in settings.decode("latin-1").split(","))
    named = (value.strip().upper() for name, _, value in pairs if name.strip() == "algorithm" and value.strip())
    return next(named, "HMAC_SHA1")


def _fields(request: Request, url: str, kind: bytes) -> bytes | None:
    """What the signature covers behind the URL; None where the body is not covered at all."""
    if not request.body:
        return b""
    if content_type(kind)[0] == FORM:
        return b"".join(name + value for name, value in sorted(set(Form.read(request.body).pairs())))
    given = parse_qs(urlsplit(url).query).get("bodySHA256", [""])[0]
    covered = hmac.compare_digest(hashlib.sha256(request.body).hexdigest(), given.lower())
    return b"" if covered else None


def _signature(url: str, fields: bytes, secret: str, digest: str) -> bytes:
    return b64encode(hmac.digest(secret.encode(), url.encode() + fields, digest))


def _spellings(url: str) -> Iterator[str]:
    """The URL as it is, without its port where that is the default one, and with it."""
    yield url
    parts = urlsplit(url)
    default = _DEFAULT_PORTS.get(parts.scheme)
    if default is not None and parts.port in {None, default}:
        host = parts.netloc.removesuffix(f":{default}")
        yield _at(parts, host, url)
        yield _at(parts, f"{host}:{default}", url)


def _at(parts: SplitResult, netloc: str, url: str) -> str:
    """The URL with another authority and every other character as it was."""
    return url.replace(f"//{parts.netloc}", f"//{netloc}", 1)

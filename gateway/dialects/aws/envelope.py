"""The envelope in which SNS delivers, and Amazon's signature of it (PKCS #1 v1.5).

By docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html. The signature says that SNS delivers it, and
for which topic: anybody can have a topic that calls anybody.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Mapping
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.x509 import Certificate, load_pem_x509_certificate

from gateway.dialects.json_posts import Fields
from gateway.words.errors import Unreadable

NOTIFICATION, CONFIRMATION = "Notification", "SubscriptionConfirmation"

_TOLD = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_ASKED = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_COVERED = {NOTIFICATION: _TOLD, CONFIRMATION: _ASKED, "UnsubscribeConfirmation": _ASKED}
_HASHES: Mapping[str, HashAlgorithm] = {"1": SHA1(), "2": SHA256()}  # noqa: S303 version 1 is what topics have by default
_CERTIFICATE = re.compile(r"https://sns\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/[A-Za-z0-9_-]+\.pem")


def envelope(body: bytes) -> Fields | None:
    """None where there is none: it is delivered raw. Raises Unreadable for what is no JSON object."""
    fields = Fields.read(body)
    return fields if "Type" in fields.members else None


def of_topic(body: bytes, topic: str) -> bool:
    """Whether this says that it is of a topic, by its ARN."""
    try:
        fields = envelope(body)
        return fields is not None and fields.text("TopicArn") == topic
    except Unreadable:
        return False


def certified_by(body: bytes) -> str:
    """Where its certificate is. Raises Unreadable for an address that is not Amazon's own."""
    fields = envelope(body)
    url = (fields.text("SigningCertURL") if fields else None) or ""
    if not _CERTIFICATE.fullmatch(url):
        raise Unreadable(
            "a certificate is fetched from https://sns.<region>.amazonaws.com only", field="SigningCertURL"
        )
    return url


def attested(body: bytes, certificate: bytes, now: datetime) -> bool:
    """Whether SNS signed it with the key of this certificate, in PEM."""
    try:
        fields, signer = Fields.read(body), load_pem_x509_certificate(certificate)
        given, over = b64decode(fields.text("Signature") or "", validate=True), _covered(fields)
        algorithm = _HASHES[fields.text("SignatureVersion") or ""]
    except (Unreadable, ValueError, KeyError, Error):
        return False
    return _is_good(signer, now) and _is_signed(signer, given, over, algorithm)


def _covered(fields: Fields) -> bytes:
    """Raises KeyError for a type that is not known."""
    names = _COVERED[fields.text("Type") or ""]
    values = [(name, value) for name in names if (value := fields.text(name)) is not None]
    return "".join(f"{name}\n{value}\n" for name, value in values).encode()


def _is_good(certificate: Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc


def _is_signed(certificate: Certificate, given: bytes, over: bytes, algorithm: HashAlgorithm) -> bool:
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        return False
    try:
        key.verify(given, over, PKCS1v15(), algorithm)
    except InvalidSignature:
        return False
    return True

"""Who may send through the gateway to Amazon, and under whose name it leaves."""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta

from gateway.dialects.aws.signature import Claim, Fields, Scope, body_hash, by_name, signature
from gateway.dialects.heads import with_header
from gateway.dialects.signer import AUTHORIZATION, Signer, authorized_by, unproven
from gateway.words.wire import Credentials, Request

TOLERANCE = timedelta(minutes=5)  # between a client's clock and ours, as Amazon allows

_DATE, _BODY_HASH = b"x-amz-date", b"x-amz-content-sha256"
_STAMP = re.compile(rb"\d{8}T\d{6}Z")
_HOST, _AMAZONS = b"host", b"x-amz-"
_ONCE = (_HOST, _DATE, _BODY_HASH)
_OURS = frozenset({b"content-type", _HOST})  # what we sign, and all fields of Amazon's own


class AwsSigner(Signer):
    """An access key: its id is the credentials' user. A client's session token goes on with what the client signs."""

    def __init__(self, credentials: Credentials | None, region: str = "", service: str = "") -> None:
        """`region` and `service`: for requests that no client has signed."""
        self._credentials = credentials
        self._own = (region, service)

    def check(self, request: Request, now: datetime) -> None:
        fields = by_name(request.headers)
        claim, credentials = Claim.of(fields), self._held()
        if claim.user != credentials.user:
            raise unproven("it is signed with another access key than that in the upstream's `credentials`")
        _is_whole(request, fields, claim)
        ours = signature(request, claim.names, _stamp(fields, claim, now), claim.scope, credentials.secret)
        if not hmac.compare_digest(ours, claim.signature):
            raise unproven("the signature is not one of this request with the secret in the upstream's `credentials`")

    def sign(self, request: Request, now: datetime) -> Request:
        credentials, fields = self._held(), by_name(request.headers)
        stamp = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        headers = with_header(request.headers, b"X-Amz-Date", stamp.encode())
        if _BODY_HASH in fields:
            headers = with_header(headers, b"X-Amz-Content-SHA256", body_hash(request))
        leaving = Request(request.method, request.target, headers, request.body)
        names = tuple(sorted(name for name in {*fields, _DATE} if name in _OURS or name.startswith(_AMAZONS)))
        scope = Scope(stamp[:8], *self._where(fields))
        made = signature(leaving, names, stamp, scope, credentials.secret)
        return authorized_by(leaving, Claim(credentials.user, scope, names, made).written())

    def _held(self) -> Credentials:
        if self._credentials is None:
            raise unproven("signed for this gateway, Amazon would not take it; give the upstream `credentials`")
        return self._credentials

    def _where(self, fields: Fields) -> tuple[str, str]:
        """The region and the service that the client has signed for."""
        if AUTHORIZATION not in fields:
            return self._own
        scope = Claim.of(fields).scope
        return scope.region, scope.service


def _is_whole(request: Request, fields: Fields, claim: Claim) -> None:
    """Raises Unreadable where the signature leaves out what the message depends on."""
    if twice := [name for name in _ONCE if len(fields.get(name, ())) > 1]:
        raise unproven(f"the field {twice[0].decode()} is given twice")
    wanted = [name for name in fields if name == _HOST or name.startswith(_AMAZONS)]
    if missing := [name for name in wanted if name not in claim.names]:
        raise unproven(f"the signature does not cover {missing[0].decode('latin-1')}")
    if _BODY_HASH in fields and fields[_BODY_HASH][0] != body_hash(request):
        raise unproven("x-amz-content-sha256 is not the hash of this body")


def _stamp(fields: Fields, claim: Claim, now: datetime) -> str:
    """When it was signed. Raises Unreadable where that is not now: what was seen once must not be sent again."""
    [given] = fields.get(_DATE, (b"",))
    try:
        at = datetime.fromisoformat(given.decode("latin-1")) if _STAMP.fullmatch(given) else None
    except ValueError:
        at = None
    if at is None:
        raise unproven("X-Amz-Date is missing, or not written as 20261124T022528Z")
    stamp = given.decode("ascii")
    if abs(now - at) > TOLERANCE or claim.scope.day != stamp[:8]:
        raise unproven("it was signed more than five minutes ago, or in the future; is the client's clock right?")
    return stamp

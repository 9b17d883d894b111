"""Tokens of the management API and of the proxy: `NAME~SECRET`, the secret 256 random bits, kept as a scrypt hash.

A hash costs 16 MB and some 50 ms, so a token that was found good is remembered, by its SHA-256, for as long as the
process lives; and whoever presents tokens that are none is soon refused without a look at them.
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64decode, b64encode
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from hashlib import scrypt, sha256
from hmac import compare_digest
from secrets import token_bytes, token_urlsafe
from time import monotonic

from gateway.words.errors import GatewayError
from gateway.words.token import Token

FORM = re.compile(r"\$scrypt\$ln=([0-9]{1,2}),r=([0-9]{1,2}),p=([0-9]{1,2})\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)")
FAILURES, PERIOD = 10, 60.0  # failed tries of one address, in so many seconds

_LOG_N, _R, _P, _SALT, _BYTES = 14, 8, 1, 16, 32
_MEMORY = 64 << 20  # bytes that a hash may take


class TooManyTries(GatewayError):
    """This address has presented too many tokens that are none."""


def minted(name: str) -> tuple[str, str]:
    """A new token, and what is kept of it."""
    token = f"{name}~{token_urlsafe(_BYTES)}"
    salt = token_bytes(_SALT)
    return token, _kept(salt, _scrypt(token, salt, _LOG_N, _R, _P))


def _kept(salt: bytes, digest: bytes) -> str:
    return f"$scrypt$ln={_LOG_N},r={_R},p={_P}${b64encode(salt).decode()}${b64encode(digest).decode()}"


def password_in(token: str) -> str:
    """What stands behind the name: whoever logs in says the two apart."""
    return token.partition("~")[2]


def fits(token: str, hashed: str) -> bool:
    """Whether it is the token of which that was kept; takes the same time whatever is wrong with it."""
    found = FORM.fullmatch(hashed)
    assert found, "the configuration is checked when it is loaded"  # noqa: S101
    log_n, r, p, salt, digest = found.groups()
    return compare_digest(_scrypt(token, b64decode(salt), int(log_n), int(r), int(p)), b64decode(digest))


def _scrypt(token: str, salt: bytes, log_n: int, r: int, p: int) -> bytes:
    return scrypt(token.encode(), salt=salt, n=1 << log_n, r=r, p=p, dklen=_BYTES, maxmem=_MEMORY)


class Tokens:
    """Those that are good, and those who try others."""

    def __init__(self, tokens: Sequence[Token], clock: Callable[[], float] = monotonic) -> None:
        """`clock`: seconds, from whenever."""
        self._tokens = {token.name: token for token in tokens}
        self._decoy = _kept(token_bytes(_SALT), token_bytes(_BYTES))  # an unknown name costs what a known one does
        self._good: dict[bytes, Token] = {}
        self._failed: defaultdict[str, deque[float]] = defaultdict(deque)
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()  # a flood of tokens must not take all memory

    async def token(self, presented: str, address: str) -> Token | None:
        """Whose it is; None: nobody's. Raises TooManyTries, but never for a token that was good before."""
        known = self._good.get(sha256(presented.encode()).digest())
        return known or await self._looked_at(presented, address)

    async def _looked_at(self, presented: str, address: str) -> Token | None:
        async with self._one_at_a_time:
            self._refuse_after_many(address)
            token = self._tokens.get(presented.partition("~")[0])
            is_good = await asyncio.to_thread(fits, presented, token.hashed if token else self._decoy)
            if token and is_good:
                self._good[sha256(presented.encode()).digest()] = token
                return token
            self._failed[address].append(self._clock())
            return None

    def _refuse_after_many(self, address: str) -> None:
        since = self._clock() - PERIOD
        for each in [each for each, tries in self._failed.items() if tries[-1] <= since]:
            del self._failed[each]
        tries = self._failed.get(address, deque())
        while tries and tries[0] <= since:
            tries.popleft()
        if len(tries) >= FAILURES:
            raise TooManyTries("too many tokens that are none came from this address; try again in a minute")

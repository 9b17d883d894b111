"""The carrier's moods: what it does to a call before it has taken the message, and after."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from random import Random

from aiohttp import web

from gateway.sandbox import faults
from gateway.sandbox.carrier import Carrier

KEY = re.compile(r"\bsale (\w+)")
SLOW = (0.05, 0.5)  # seconds

BEFORE = ("busy", "broken", "gone")  # answered without having taken the message; `gone` hangs up
AFTER = {"unanswered": faults.unanswered, "garbled": faults.garbled, "cut short": faults.cut_short}
MOODS = ("slow", *BEFORE, *AFTER)


def key_in(text: str) -> str:
    """The word that only this message has; "" where it is none of ours."""
    found = KEY.search(text)
    return found[1] if found else ""


@dataclass
class Moody:
    """Put in front of a Carrier. In a bad mood it spoils one send in four, by chance."""

    chance: Random
    mood: str = ""
    lost: set[str] = field(default_factory=set)  # keys of calls whose answer never came, or proves nothing

    def plague(self, carrier: Carrier) -> None:
        carrier.fault, carrier.spoil = self.before, self.after

    async def before(self, called: web.Request) -> web.StreamResponse | None:
        key = key_in(str((await called.post()).get("Body", "")))
        if not key or not self._spoils():
            return None
        if self.mood == "slow":
            await asyncio.sleep(self.chance.uniform(*SLOW))
            return None
        if self.mood == "busy":
            return web.Response(status=429, headers={"Retry-After": "1"}, text="too many requests")
        if self.mood not in BEFORE:
            return None
        self.lost.add(key)
        return web.Response(status=503) if self.mood == "broken" else faults.hung_up(called)

    async def after(self, called: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
        key, spoiler = key_in(str((await called.post()).get("Body", ""))), AFTER.get(self.mood)
        if not key or spoiler is None or not self._spoils():
            return answer
        self.lost.add(key)
        return await spoiler(called, answer)

    def _spoils(self) -> bool:
        return bool(self.mood) and self.chance.random() < 0.25

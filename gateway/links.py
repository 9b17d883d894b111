"""What a recipient may do by an opt-out link: see whose messages these are, and end them, all or some."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from gateway.audit import record
from gateway.means import Means
from gateway.numbering.read import read_number
from gateway.policy.optout import Reach
from gateway.words.facts import SCOPE_ALL, Needs, Suppression, SuppressionKind
from gateway.words.link import Link
from gateway.words.number import NO_SENDER, Number, Place
from gateway.words.program import Program

AGENT = 200  # characters of a browser's name for itself that are kept


@dataclass(frozen=True, slots=True)
class Standing:
    """A link's program, how much its button ends, and what the recipient can keep."""

    program: Program
    scope: str  # what its button ends, as a suppression says it
    ended: bool  # this program sends nothing already
    choices: tuple[Program, ...]  # programs that still may text: those that they have links or consents for


class Links:
    """One operation a method. Whatever changes something is on record."""

    def __init__(self, means: Means, programs: Mapping[str, Program]) -> None:
        """`programs`: all that there are, by name."""
        self._store = means.store
        self._last_sent = means.last_sent
        self._audit = means.audit
        self._meter = means.meter
        self._clock = means.clock
        self._linker = means.linker
        self._book = means.book
        self._programs = programs

    async def whose(self, token: str) -> Link | None:
        """None: nobody was sent it. Raises StoreAway."""
        [link] = await self._store.linked([token])
        return link

    async def standing(self, link: Link) -> Standing:
        """Raises StoreAway."""
        number, program = _number(link), self.program(link)
        tokens = {name: self._linker.tokens(number, name) for name in self._programs}
        asked = list(chain.from_iterable(tokens.values()))
        [facts], found = await asyncio.gather(
            self._store.look_up([Needs(number, program.name)]), self._store.linked(asked)
        )
        names = {program.name, *(each.program for each in found if each), *(each.program for each in facts.consents)}
        known = [self._programs.get(name, program) for name in sorted(names) if name in {program.name, *self._programs}]
        open_ = tuple(each for each in known if not _is_ended(each, facts.suppressions))
        return Standing(program, self._scope(program, number), program not in open_, open_)

    def program(self, link: Link) -> Program:
        """As the configuration has it; one that is there no more has its name left."""
        return self._programs.get(link.program) or Program(link.program)

    async def opt_out(self, link: Link, kept: Collection[str] | None, agent: str) -> None:
        """No more messages of any program but those `kept`, by name; None: of as much as an opt-out ends there.

        Raises StoreAway where it is in the journal, and perhaps not in the store yet: it holds on this host.
        """
        number, now = _number(link), self._clock()
        detail = f"by the link of program {link.program}; {agent[:AGENT]}"
        answers = await self._last_sent(number, link.program)
        said = [
            Suppression(SuppressionKind.OPT_OUT, scope, "link", now, detail, answers)
            for scope in self._scopes(link, number, kept)
        ]
        self._audit.append(*(record.suppressed(number, each) for each in said))
        ends = await asyncio.gather(*(self._store.suppress(number, each) for each in said), return_exceptions=True)
        self._meter.suppressed("link")
        for error in ends:  # each is tried, whatever becomes of the others
            if isinstance(error, BaseException):
                raise error

    def _scopes(self, link: Link, number: Number, kept: Collection[str] | None) -> list[str]:
        if kept is None:
            return [self._scope(self.program(link), number)]
        names = {*self._programs, link.program}
        if names.isdisjoint(kept):
            return [SCOPE_ALL]
        return [f"program:{name}" for name in sorted(names.difference(kept))]

    def _scope(self, program: Program, number: Number) -> str:
        """As the policies of the number's country say, but never only the one sender: a program may have several."""
        said = self._book().opt_out(number.place.country)
        return f"program:{program.name}" if said.reach is Reach.SENDER else said.scope(program, NO_SENDER)


def _number(link: Link) -> Number:
    return read_number(link.number) or Number(link.number, Place(""))


def _is_ended(program: Program, suppressions: Sequence[Suppression]) -> bool:
    ends = {SCOPE_ALL, f"program:{program.name}", f"brand:{program.brand}"}
    return any(each.scope in ends and each.kind is not SuppressionKind.DOUBT for each in suppressions)

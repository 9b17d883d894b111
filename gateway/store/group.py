"""Group commit: callers of one moment share one durable write, made in a thread beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Generic, TypeVar

Job = TypeVar("Job")
Answer = TypeVar("Answer")


class GroupCommit(Generic[Job, Answer]):
    """Jobs of one tick of the loop are written together; those that arrive during a write make up the next one."""

    def __init__(self, write: Callable[[list[Job]], Sequence[Answer]], name: str) -> None:
        """`write` answers each job in order; what it raises, every caller of that write gets."""
        self._write = write
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting: list[tuple[Job, asyncio.Future[Answer]]] = []
        self._busy = False

    def add(self, job: Job) -> asyncio.Future[Answer]:
        """Done when the job is written. Giving up the wait does not take the job back."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((job, future))
        if not self._busy:
            self._busy = True
            loop.call_soon(self._start)
        return future

    async def run(self, call: Callable[[], Answer]) -> Answer:
        """A call on the same thread, between two writes."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    def close(self) -> None:
        """Ends the thread, when it has written what it was given."""
        self._thread.shutdown()

    def _start(self) -> None:
        group, self._waiting = self._waiting, []
        writing = asyncio.get_running_loop().run_in_executor(self._thread, self._write, [job for job, _ in group])
        writing.add_done_callback(partial(self._written, [future for _, future in group]))

    def _written(self, futures: list[asyncio.Future[Answer]], writing: asyncio.Future[Sequence[Answer]]) -> None:
        error = writing.exception()
        answers = [] if error else writing.result()
        waiting = [(place, future) for place, future in enumerate(futures) if not future.done()]
        for place, future in waiting:
            if error:
                future.set_exception(error)
            else:
                future.set_result(answers[place])
        if self._waiting:
            self._start()
        else:
            self._busy = False

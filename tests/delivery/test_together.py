"""What is asked in one tick of the loop is asked once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from gateway.delivery.together import Together


class Doubling:
    """Doubles numbers, and remembers what it was asked at once."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.was_asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self, numbers: list[int]) -> Sequence[int]:
        self.asked.append(numbers)
        self.was_asked.set()
        await self.may_answer.wait()
        if 13 in numbers:
            raise ValueError("thirteen")
        return [2 * number for number in numbers]


async def test_what_is_asked_in_one_tick_goes_in_one_call_and_each_gets_its_own() -> None:
    doubling = Doubling()
    together = Together(doubling)
    answers = await asyncio.gather(together.ask([1, 2]), together.ask([]), together.ask([3]))
    assert answers == [[2, 4], [], [6]]
    assert doubling.asked == [[1, 2, 3]]


async def test_who_comes_later_does_not_wait_for_those_before() -> None:
    doubling = Doubling()
    together = Together(doubling)
    doubling.may_answer.clear()
    early = asyncio.create_task(together.ask([1]))
    await doubling.was_asked.wait()
    doubling.was_asked.clear()
    late = asyncio.create_task(together.ask([2]))
    await doubling.was_asked.wait()
    doubling.may_answer.set()
    assert (await early, await late) == ([2], [4])
    assert doubling.asked == [[1], [2]]


async def test_what_goes_wrong_goes_wrong_for_all_of_that_tick_and_for_nobody_later() -> None:
    together = Together(Doubling())
    failed = await asyncio.gather(*(together.ask([number]) for number in (12, 13, 14)), return_exceptions=True)
    assert [str(error) for error in failed] == ["thirteen"] * 3
    assert await together.ask([15]) == [30]


@pytest.mark.parametrize("phase", ["gathering", "asking"])
async def test_the_first_takes_the_others_along_when_it_is_cancelled(phase: str) -> None:
    doubling = Doubling()
    together = Together(doubling)
    doubling.may_answer.clear()
    first, second = (asyncio.create_task(together.ask([number])) for number in (1, 2))
    await (doubling.was_asked.wait() if phase == "asking" else asyncio.sleep(0))
    first.cancel()
    await asyncio.wait([first, second])
    assert first.cancelled()
    assert second.cancelled()
    doubling.may_answer.set()
    assert await together.ask([3]) == [6]


async def test_who_gives_up_the_wait_leaves_the_answers_of_the_others_as_they_are() -> None:
    doubling = Doubling()
    together = Together(doubling)
    doubling.may_answer.clear()
    tasks = [asyncio.create_task(together.ask([number])) for number in (1, 2, 3)]
    await doubling.was_asked.wait()
    tasks[1].cancel()
    doubling.may_answer.set()
    assert (await tasks[0], await tasks[2]) == ([2], [6])

"""Calls that are made again until Telegram answers."""

import logging
from collections.abc import Awaitable, Callable

import pytest
from telegram.error import (
    BadRequest,
    Conflict,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.health import Vitals
from bot.insistence import Insistence, TokenRefused, TriesExhausted


class Patient:
    """An insistence without waiting, on a clock that goes by its pauses."""

    def __init__(self, tries: int | None = None) -> None:
        self.now = 0.0
        self.pauses: list[float] = []
        self.vitals = Vitals(lambda: self.now)
        self.insistence = Insistence(
            self.vitals, 1.0, refusals=3, tries=tries, sleep=self._sleep, clock=lambda: self.now
        )

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def failing(*errors: Exception) -> Callable[[], Awaitable[str]]:
    left = list(errors)

    async def call() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return call


@pytest.mark.parametrize(
    "error", [NetworkError("refused"), TimedOut(), TelegramError("no JSON"), BadRequest("odd")]
)
async def test_an_hour_without_telegram_is_survived(
    error: TelegramError, caplog: pytest.LogCaptureFixture
) -> None:
    patient = Patient()
    caplog.set_level(logging.INFO)
    assert await patient.insistence.call(failing(*[error] * 130)) == "done"
    assert patient.pauses[:7] == [1, 2, 4, 8, 16, 30, 30]
    assert patient.now > 3600
    assert patient.vitals.telegram.problem == ""
    # Neither a line for each try, nor silence.
    assert 30 < len(caplog.records) < 70
    assert "Telegram is back after" in caplog.messages[-1]
    assert not any(record.exc_info for record in caplog.records)


async def test_a_stray_refusal_of_the_token_is_survived() -> None:
    patient = Patient()
    stray = failing(InvalidToken("401"), InvalidToken("404"), NetworkError("502"), InvalidToken())
    assert await patient.insistence.call(stray) == "done"


async def test_a_token_refused_again_and_again_is_no_longer_valid(
    caplog: pytest.LogCaptureFixture,
) -> None:
    patient = Patient()
    refused = failing(*[InvalidToken("the token `1:secret` was rejected")] * 3)
    with pytest.raises(TokenRefused) as raised:
        await patient.insistence.call(refused)
    assert patient.pauses == [1, 2]
    assert "secret" not in f"{raised.value!r} {caplog.text} {patient.vitals.telegram.problem}"


async def test_telegram_says_how_long_to_wait() -> None:
    patient = Patient()
    assert await patient.insistence.call(failing(RetryAfter(17))) == "done"
    assert patient.pauses == [17]


async def test_another_program_with_the_token_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    patient = Patient()
    problems = []

    async def call() -> None:
        problems.append(patient.vitals.telegram.problem)
        if len(problems) < 3:
            raise Conflict("terminated by other getUpdates request")

    await patient.insistence.call(call)
    assert "another program fetches the updates" in problems[-1]
    assert "another program fetches the updates" in caplog.text


async def test_only_what_telegram_may_refuse_is_refused() -> None:
    with pytest.raises(BadRequest):
        await Patient().insistence.call(failing(BadRequest("bad webhook")), refusable=True)


async def test_tries_may_be_counted() -> None:
    patient = Patient(tries=2)
    with pytest.raises(TriesExhausted, match="refused"):
        await patient.insistence.call(failing(*[NetworkError("refused")] * 2))
    assert patient.pauses == [1]

"""What is shown of a long job on standard error."""

import itertools
import re

import pytest

from ml.commands.progress import ProgressStyle, show_progress
from ml.progress import STEP, Step


def lines_of(style: ProgressStyle, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """A job of ten equal steps, a look at the clock each 30 seconds, then a short one."""
    looks = itertools.count(0, 15)  # two looks a line
    with show_progress(style, clock=lambda: float(next(looks))) as report:
        for done in range(11):
            report(Step("train", done, 10, f"epoch {done}"))
        report(Step("gate", 0, 2))
    out, err = capsys.readouterr()
    assert not out
    return err.splitlines()


def test_plain_lines_say_how_long_it_will_take(capsys: pytest.CaptureFixture[str]) -> None:
    lines = lines_of(ProgressStyle.plain, capsys)
    assert lines[0] == "train 0/10 epoch 0"
    assert lines[1] == "train 1/10 epoch 1, about 4 min left"
    assert lines[8] == "train 8/10 epoch 8, about 60 s left"
    assert lines[10] == "train 10/10 epoch 10"
    assert lines[11] == "gate 0/2 "


def test_json_lines_are_steps(capsys: pytest.CaptureFixture[str]) -> None:
    lines = lines_of(ProgressStyle.json, capsys)
    assert STEP.validate_json(lines[3]) == Step("train", 3, 10, "epoch 3")
    assert len(lines) == 12


def test_a_bar_shows_the_phase_the_message_and_the_time(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # as on a terminal
    monkeypatch.setenv("COLUMNS", "120")
    looks = itertools.count(0, 60)
    with show_progress(ProgressStyle.bar, clock=lambda: float(next(looks))) as report:
        report(Step("train", 0, 10, "epoch 1"))
        report(Step("train", 2, 10, "epoch 3"))
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", capsys.readouterr().err)
    assert re.search(r"train .* 20% 0:00:\d\d about 4 min left {2}epoch 3", shown)

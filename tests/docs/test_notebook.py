"""The notebook of the study guide runs from top to bottom, and shows what it says it shows."""

import json
from typing import Any

import pytest

from tests.docs.guide import ROOT

NOTEBOOK = json.loads((ROOT / "docs" / "ru" / "names.ipynb").read_text(encoding="utf-8"))


def test_training_and_sampling_step_by_step(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MPLBACKEND", "Agg")  # no window
    variables: dict[str, Any] = {"__name__": "__main__"}
    for number, cell in enumerate(NOTEBOOK["cells"]):
        if cell["cell_type"] == "code":
            code = compile("".join(cell["source"]), f"cell {number}", "exec")
            exec(code, variables)  # noqa: S102 (our own notebook)
    printed = capsys.readouterr().out
    curves = variables["curves"]["valid"]
    assert curves[-1] < curves[0] - 0.3
    assert len(variables["invented"]) == 12
    assert "(новое)" in printed
    # Once the state is lost, a name has only its last letter to go by.
    assert variables["loss_carried"] == pytest.approx(curves[-1], abs=1e-3)
    assert variables["loss_forgetful"] > variables["loss_carried"] + 0.3


def test_outputs_are_not_committed_for_they_differ_between_machines() -> None:
    for cell in NOTEBOOK["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None

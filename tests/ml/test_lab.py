"""The experiments on a hundred names: what they measure is right, and all of them run."""

import csv
import io
import math
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from ml.cli import app
from ml.lab.carry import REGIMES, losses_carried, losses_from_zero
from ml.lab.catalog import EXPERIMENTS, run_experiments
from ml.lab.cells import count_parameters, hidden_size_for
from ml.lab.decoding import quality
from ml.lab.experiment import QUICK, Material, Scale, over_seeds
from ml.lab.fitting import (
    Budget,
    backpropagate_mean,
    fit,
    full_batches,
    independent_passes,
    lines_of,
)
from ml.lab.gradients import VARIANTS, set_forget_bias, state_gradients
from ml.lab.names import ExperimentName
from ml.lab.tables import Column, Measured, Table
from ml.lab.truncation import gradient_cosine
from ml.models.checkpoint import save_model
from ml.models.model import NameModel
from ml.models.network_config import Cell
from ml.names.records import fold
from ml.progress import Step, silent
from ml.scoring.scorer import Scorer
from ml.writing.generator import NameGenerator, NameRequest
from tests.ml.conftest import slavic_records

TINY = Scale(seeds=2, updates=2, hidden_size=8, parameters=2000, seconds=0.02, samples=40)
CELLS: list[Cell] = ["rnn", "gru", "lstm"]


@pytest.fixture(scope="module")
def material(model: NameModel, tmp_path_factory: pytest.TempPathFactory) -> Material:
    path = tmp_path_factory.mktemp("lab") / "model.safetensors"
    save_model(model, path)
    return Material(tuple(slavic_records()), path)


# Tables


def test_a_measured_column_has_its_spread_in_csv_and_beside_the_mean_in_markdown() -> None:
    table = Table(
        "Title",
        (Column("model"), Column("size"), Column("loss", ".2f")),
        (("a", 3, Measured((1.0, 2.0))), ("b", "", 1.756)),
    )
    rows = list(csv.reader(io.StringIO(table.csv())))
    assert rows[0] == ["model", "size", "loss", "loss: разброс"]
    assert [float(x) for x in rows[1][2:]] == pytest.approx([1.5, math.sqrt(0.5)])
    assert rows[2] == ["b", "", "1.756", ""]
    lines = table.markdown().splitlines()
    assert lines[0] == "### Title"
    assert lines[4:] == ["| a | 3 | 1.50 ± 0.71 |", "| b |  | 1.76 |"]


def test_one_seed_has_no_spread_and_a_diverged_training_has_no_number() -> None:
    def printed(value: Measured) -> str:
        return Table("", (Column("x", ".1f"),), ((value,),)).markdown().splitlines()[-1]

    assert printed(Measured((1.0,))) == "| 1.0 |"
    assert printed(Measured((1.0, math.nan))) == "| нет числа |"


def test_every_variant_is_measured_once_a_seed() -> None:
    steps: list[Step] = []
    results = over_seeds(
        lambda variant, seed: f"{variant}{seed}", ["a", "b"], TINY, steps.append, "phase"
    )
    assert results == [["a0", "a1"], ["b0", "b1"]]
    assert [step.done for step in steps] == [0, 1, 2, 3, 4]
    assert {(step.phase, step.total) for step in steps} == {("phase", 4)}


# Training


def test_a_budget_of_updates_makes_so_many_and_lowers_the_loss(material: Material) -> None:
    torch.manual_seed(0)
    network = material.network("rnn", 16)
    before = losses_from_zero(network, material.test)[-1]
    generator = torch.Generator().manual_seed(0)
    passes = independent_passes(network, material.train, 30, generator)
    how = fit(network, passes, Budget(updates=30), learning_rate=1e-2)
    assert len(how.norms) == 30
    assert losses_from_zero(network, material.test)[-1] < before - 0.5


def test_a_budget_of_seconds_ends(material: Material) -> None:
    network = material.network("rnn", 4)
    passes = independent_passes(network, material.train, 10, torch.Generator().manual_seed(0))
    how = fit(network, passes, Budget(seconds=0.05))
    assert how.seconds >= 0.05
    assert how.symbols > len(how.norms) > 0


def test_plain_sgd_moves_by_the_clipped_gradient_and_reports_the_unclipped(
    material: Material,
) -> None:
    network = material.network("rnn", 8)
    before = torch.cat([weight.detach().flatten() for weight in network.parameters()])
    batch = material.train.batch(torch.arange(20))
    passes = (backpropagate_mean(1e3 * network(batch[0])[0], batch[1]) for _ in range(1))
    how = fit(
        network, passes, Budget(updates=1), optimizer="sgd", learning_rate=1.0, largest_gradient=0.5
    )
    after = torch.cat([weight.detach().flatten() for weight in network.parameters()])
    assert how.norms[0] > 10
    # The first update is made at 4% of the highest rate.
    assert float((after - before).norm()) == pytest.approx(0.04 * 0.5, rel=1e-3)


def test_batches_of_an_epoch_are_full_and_no_name_comes_twice(material: Material) -> None:
    generator = torch.Generator().manual_seed(0)
    batches = list(full_batches(material.train, 16, generator))
    assert {targets.shape[1] for _, targets in batches} == {16}
    drawn = [tuple(column.tolist()) for inputs, _ in batches for column in inputs.t()]
    assert len(batches) == len(material.train) // 16
    assert len(drawn) == len({tuple(s for s in column if s) for column in drawn})


# What is measured


@pytest.mark.parametrize("cell", CELLS)
def test_losses_by_position_weigh_up_to_the_loss_of_all_symbols(
    material: Material, cell: Cell
) -> None:
    network = material.network(cell, 8)
    *by_position, total = losses_from_zero(network, material.test)
    names = material.test
    counts = [len(names)] * 3 + [int((names.lengths - 3).sum())]
    weighed = sum(loss * n for loss, n in zip(by_position, counts, strict=True)) / sum(counts)
    assert total == pytest.approx(weighed)
    assert total == pytest.approx(Scorer(network).nats_per_symbol(names), rel=1e-5)


def test_a_carried_state_is_that_of_the_names_before(material: Material) -> None:
    torch.manual_seed(0)
    network = material.network("rnn", 8)
    lines = lines_of(material.test)[:2]
    whole = torch.cat([line[:-1] for line in lines])[:, None]
    targets = torch.cat([line[1:] for line in lines])
    with torch.no_grad():
        log_probs = network(whole)[0][:, 0].log_softmax(-1)
    losses = -log_probs[torch.arange(len(targets)), targets]
    second = len(lines[0]) - 1
    carried = losses_carried(network, lines, streams=1)
    assert carried[0] == pytest.approx(float(losses[[0, second]].mean()), rel=1e-5)
    assert carried[1] == pytest.approx(float(losses[[1, second + 1]].mean()), rel=1e-5)
    assert carried[-1] == pytest.approx(float(losses.mean()), rel=1e-5)


def test_the_cosine_of_truncated_gradients(material: Material) -> None:
    torch.manual_seed(0)
    network = material.network("lstm", 8)
    inputs, targets = material.train.batch(torch.arange(20))

    def cosine(k1: int, k2: int) -> float:
        return gradient_cosine(network, inputs, targets, None, k1=k1, k2=k2)

    assert cosine(1, len(inputs)) == pytest.approx(1, abs=1e-9)
    assert cosine(1, 1) < cosine(1, 2) < cosine(1, 4) < 1


def test_gradients_by_earlier_states_are_products_of_jacobians(material: Material) -> None:
    torch.manual_seed(0)
    network = material.network("rnn", 6).double()
    inputs, targets = material.train.batch(torch.arange(3))
    inputs, targets = inputs[:4], targets[:4]
    (norms,) = state_gradients(network, inputs, targets)
    assert norms.shape == (4, 3)
    # By hand, for the first name: dL/dh_3 = W_outᵀ (p - y), dL/dh_(t-1) = W_hhᵀ (1 - h_t²) dL/dh_t.
    weights = dict(network.named_parameters())
    with torch.no_grad():
        hiddens, _ = network.cell(network.embedding(inputs[:, :1]))
        probabilities = network.output(hiddens[-1, 0]).softmax(-1)
        probabilities[targets[-1, 0]] -= 1
        slope = weights["output.weight"].t() @ probabilities
        for k, hidden in enumerate(reversed(hiddens[:, 0])):
            assert float(norms[k, 0]) == pytest.approx(float(slope.norm()), rel=1e-9)
            slope = weights["cell.weight_hh_l0"].t() @ ((1 - hidden**2) * slope)


def test_an_open_forget_gate_lets_more_gradient_through_the_cell_state(material: Material) -> None:
    far = []
    for bias in (0.0, 1.0):
        torch.manual_seed(0)
        network = material.network("lstm", 8)
        set_forget_bias(network.cell, bias)
        inputs, targets = material.train.batch(torch.arange(20))
        _, by_c = state_gradients(network, inputs[:5], targets[:5])
        assert not by_c[0].any()  # nothing reads c of the last step
        far.append(float(by_c[4].mean()))
    assert far[0] < far[1]


@pytest.mark.parametrize("cell", CELLS)
def test_parameters_are_as_many_as_asked_for(material: Material, cell: Cell) -> None:
    hidden = hidden_size_for(cell, 20_000, material.alphabet)
    network = material.network(cell, hidden)
    counted = sum(parameter.numel() for parameter in network.parameters())
    assert counted == count_parameters(cell, hidden, material.alphabet)
    assert counted == pytest.approx(20_000, rel=0.03)


def test_quality_of_samples(model: NameModel) -> None:
    generator = NameGenerator(model)
    request = NameRequest(count=50)
    drawn = generator.sample(request, seed=3)
    measured = quality(generator, request, {fold(drawn[0].name), "нетакого"}, seed=3)
    assert measured.found == 1
    assert measured.distinct == len({fold(name.name) for name in drawn}) / 50
    assert measured.novel == sum(name.novel for name in drawn) / 50
    symbols = sum(len(name.name) + 1 for name in drawn)
    assert measured.nats == pytest.approx(-sum(name.log_prob for name in drawn) / symbols)


# The experiments


@pytest.mark.parametrize("name", ExperimentName)
def test_an_experiment_measures_all_it_compares(material: Material, name: ExperimentName) -> None:
    findings = EXPERIMENTS[name](material, TINY, silent)
    assert findings.tables
    for table in findings.tables.values():
        measured = [value for row in table.rows for value in row if isinstance(value, Measured)]
        assert measured
        assert all(len(value.values) == TINY.seeds for value in measured)
        assert all(math.isfinite(value.mean) for value in measured)


def test_tables_have_a_row_for_everything_compared(material: Material) -> None:
    rows = len(EXPERIMENTS[ExperimentName.carry](material, TINY, silent).tables["carry"].rows)
    assert rows == 2 * len(REGIMES)
    tables = EXPERIMENTS[ExperimentName.gradients](material, TINY, silent).tables
    assert len(tables["gradients-clipping"].rows) == len(VARIANTS)


def test_results_are_written_with_how_they_came_about(material: Material, tmp_path: Path) -> None:
    out = tmp_path / "new" / "lab"
    names = [ExperimentName.truncation, ExperimentName.decoding]
    for name in names:
        run_experiments([name], material, TINY, out, "python -m ml lab", silent)
    files = {path.name for path in out.iterdir()}
    assert files == {"README.md"} | {f"{n}.{end}" for n in names for end in ("csv", "md", "png")}
    index = (out / "README.md").read_text(encoding="utf-8")
    assert "`python -m ml lab`" in index
    assert "ядер процессора" in index
    assert all(f"({name}.png)" in index for name in names)
    assert (out / "truncation.png").read_bytes().startswith(b"\x89PNG")


def test_the_command_runs_the_quick_form(tmp_path: Path) -> None:
    out = tmp_path / "lab"
    result = CliRunner().invoke(app, ["lab", "decoding", "--quick", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "python -m ml lab decoding --quick" in (out / "README.md").read_text(encoding="utf-8")
    rows = list(csv.reader((out / "decoding.csv").open(encoding="utf-8")))
    assert len(rows) > 10
    assert QUICK.seeds == 2


def test_the_command_refuses_what_it_cannot_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for arguments in (["alchemy"], ["decoding", "--quick", "--out", str(tmp_path / "file")]):
        result = CliRunner().invoke(app, ["lab", *arguments])
        assert result.exit_code == 2
        assert "Traceback" not in result.output

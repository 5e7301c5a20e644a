"""The commands as another program sees them: arguments, exit codes, standard output."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ml.cli import app
from ml.commands.train import summary
from ml.models.checkpoint import load_model, save_model
from ml.models.model import NameModel
from tests.ml.conftest import slavic_records


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def last_json(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    parsed: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return parsed


@pytest.fixture
def model_file(model: NameModel, tmp_path: Path) -> Path:
    save_model(model, tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


@pytest.fixture
def names_file(tmp_path: Path) -> Path:
    path = tmp_path / "names.txt"
    path.write_text("\n".join(record.name for record in slavic_records()), encoding="utf-8")
    return path


def test_train_then_evaluate_then_sample(names_file: Path, tmp_path: Path) -> None:
    out, plot = tmp_path / "own.safetensors", tmp_path / "curves.png"
    trained = last_json(
        run("train", "--names", names_file, "--valid", names_file, "--minutes", "0.02",
            "--seed", "3", "--plot", plot, "--out", out, "--json")
    )  # fmt: skip
    assert trained["out"] == str(out)
    assert {"epochs", "planned_epochs", "cut_short_by_minutes"} <= set(trained)
    assert load_model(out).metrics["valid_nats_per_symbol"] == trained["valid_nats_per_symbol"]
    assert plot.read_bytes().startswith(b"\x89PNG")
    scored = last_json(run("evaluate", out, "--names", names_file, "--json"))
    assert scored["names"] == 100
    assert scored["nats_per_symbol"] == pytest.approx(trained["valid_nats_per_symbol"], abs=1e-4)
    sampled = last_json(run("sample", out, "Бо", "--count", "3", "--json"))["names"]
    assert len(sampled) == 3
    assert {row["gender"] for row in sampled} == {None}


@pytest.mark.parametrize(
    ("epochs", "cut", "said"),
    [
        (32, False, "32 of 32 epochs, 60 s"),
        (20, False, "20 of 32 epochs (no longer improving), 60 s"),
        (18, True, "18 of 32 epochs (cut short by --minutes), 60 s"),
    ],
)
def test_the_last_line_of_a_training_says_what_cut_it_short(
    epochs: int, cut: bool, said: str
) -> None:
    went = {"epochs": epochs, "planned_epochs": 32, "cut_short_by_minutes": cut, "seconds": 60.1}
    line = summary({"valid_nats_per_symbol": 1.84481, "valid_names": 600, **went})
    assert line == f"1.8448 nats per symbol on 600 held-out names, {said}"


def test_sample_as_asked(model_file: Path) -> None:
    arguments = ("sample", model_file, "Люб", "--count", "5", "--gender", "f", "--seed", "1")
    rows = last_json(run(*arguments, "--json"))["names"]
    assert [set(row) for row in rows] == [{"name", "gender", "status", "novel", "log_prob"}] * 5
    assert all(row["name"].startswith("Люб") and row["gender"] == "f" for row in rows)
    assert run(*arguments).stdout.split() == [row["name"] for row in rows]
    novel = last_json(run(*arguments, "--novel", "--temperature", "1", "--json"))["names"]
    assert {(row["status"], row["novel"]) for row in novel} == {("novel", True)}


FIGURES = {"names", "symbols", "unknown_symbols", "nats_per_symbol", "perplexity"}


def test_evaluate_without_names_shows_the_baselines(model_file: Path) -> None:
    scored = last_json(run("evaluate", model_file, "--json"))
    assert set(scored) == {*FIGURES, "network_alone", "baselines", "kinds"}
    assert scored["nats_per_symbol"] > scored["baselines"]["kneser_ney"]["nats_per_symbol"]
    genders = scored["kinds"]["given"].pop("genders")
    assert scored["kinds"] == {"given": {key: scored[key] for key in scored if key != "kinds"}}
    assert [set(part) for part in genders.values()] == [
        {*FIGURES, "network_alone", "baselines"}
    ] * 2
    assert genders["m"]["names"] + genders["f"]["names"] == scored["names"]
    shown = run("evaluate", model_file).stdout
    assert all(word in shown for word in ("network", "Kneser-Ney", "bigram"))
    for part in (scored, genders["m"], genders["f"]):
        assert f"{part['nats_per_symbol']:.4f}" in shown


def test_evaluate_tells_names_it_was_trained_on_apart(
    model_file: Path, names_file: Path, tmp_path: Path
) -> None:
    scored = last_json(run("evaluate", model_file, "--names", names_file, "--json"))
    assert set(scored) == {*FIGURES, "seen", "unseen"}
    assert set(scored["seen"]) == set(scored["unseen"]) == FIGURES
    assert scored["seen"]["names"] + scored["unseen"]["names"] == scored["names"] == 100
    shown = run("evaluate", model_file, "--names", names_file).stdout
    for part in (scored, scored["seen"], scored["unseen"]):
        assert f"{part['nats_per_symbol']:.4f}" in shown
    new = tmp_path / "new.txt"
    new.write_text("Добрынюшка\n", encoding="utf-8")
    assert set(last_json(run("evaluate", model_file, "--names", new, "--json"))) == {
        *FIGURES,
        "unseen",
    }


@pytest.mark.parametrize(
    ("content", "said"), [(b"\xff\xfe", "not UTF-8"), (b"", "no names"), (b"\n\n", "no names")]
)
def test_bad_lists_are_refused_and_nothing_is_overwritten(
    tmp_path: Path, content: bytes, said: str
) -> None:
    names, out = tmp_path / "bad.txt", tmp_path / "out.safetensors"
    names.write_bytes(content)
    out.write_bytes(b"precious")
    result = run("train", "--names", names, "--out", out)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert out.read_bytes() == b"precious"


@pytest.mark.parametrize(
    "arguments",
    [
        ("sample", "MODEL", "Bogdan"),
        ("sample", "MODEL", "Б" * 40),
        ("sample", "MODEL", "--kind", "surname"),
        ("sample", "MODEL", "--temperature", "0"),
        ("sample", "MODEL", "--count", "0"),
        ("sample", "MODEL", "--gender", "x"),
        ("sample", "missing.safetensors"),
        ("evaluate", "NAMES"),
        ("evaluate", "MODEL", "--names", "missing.txt"),
        ("train", "--out", "no/such/folder/model.safetensors"),
        ("train", "--valid", "NAMES", "--out", "out.safetensors"),
        ("train", "--names", "NAMES", "--cell", "transformer", "--out", "out.safetensors"),
        ("finetune", "MODEL", "--ratings", "NAMES", "--out", "out.safetensors"),
        ("finetune", "MODEL", "--ratings", "missing.jsonl", "--out", "out.safetensors"),
    ],
)
def test_bad_input_is_exit_code_2_without_a_traceback(
    arguments: tuple[str, ...],
    model_file: Path,
    names_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    places: dict[str, str | Path] = {"MODEL": model_file, "NAMES": names_file}
    result = run(*(places.get(argument, argument) for argument in arguments))
    assert result.exit_code == 2
    assert result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "out.safetensors").exists()


@pytest.mark.parametrize(
    "command", ["dataset", "train", "evaluate", "sample", "finetune", "gender"]
)
def test_help(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "Usage" in result.stdout

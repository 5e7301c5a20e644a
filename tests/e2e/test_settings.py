"""Starting with settings that do not work: one sentence that names the setting, exit code 2."""

import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.pace import Pace
from bot.settings import Settings
from tests.tiny_model import write_tiny_model

TOKEN = "123456:very-secret"  # noqa: S105


pytestmark = pytest.mark.usefixtures("_logging_restored")


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, model_file: Path) -> None:
    """Settings that work, but for Telegram, of which there is none."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("MODEL_PATH", str(model_file))


def refusal(command: str = "run") -> str:
    """The one line on standard error of a start that is refused."""
    result = CliRunner().invoke(app, command.split(), obj=Pace(connect_tries=1))
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    (sentence, end) = result.stderr.split("\n")[-2:]
    assert end == ""
    assert "Traceback" not in result.output
    assert "very-secret" not in result.output
    return sentence


def test_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOT_TOKEN")
    assert refusal().startswith("BOT_TOKEN is not set")


def test_a_malformed_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "very-secret")
    assert refusal().startswith("BOT_TOKEN must be")
    assert refusal("start").startswith("BOT_TOKEN must be")
    assert refusal("playground").startswith("BOT_TOKEN must be")
    assert refusal("health").startswith("BOT_TOKEN must be")


def test_a_malformed_number(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MIN_RATINGS=lots\n")
    assert refusal() == "MIN_RATINGS must be a whole number, 1 or greater."


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+asyncpg://me:very-secret@127.0.0.1:1/names",
        "mysql://me:very-secret@127.0.0.1/names",
        "sqlite+aiosqlite:////dev/null/names.db",
    ],
)
def test_a_database_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    assert refusal().startswith("DATABASE_URL: ")


@pytest.mark.parametrize(
    ("table", "column"), [("model_versions", "sha256"), ("training_runs", "scratch")]
)
def test_a_database_that_fails_after_its_migration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, table: str, column: str
) -> None:
    """The disk may be full by then; a column that is gone fails at the same places."""
    monkeypatch.setenv("DATABASE_URL", "sqlite+aiosqlite:///names.db")
    monkeypatch.setenv("BOT_API_URL", "http://127.0.0.1:1")
    assert refusal().startswith("BOT_API_URL: ")
    with closing(sqlite3.connect(tmp_path / "names.db")) as names:
        names.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO gone")
    sentence = refusal()
    assert sentence.startswith("DATABASE_URL: the database cannot be used: ")
    assert sentence.endswith(f"no such column: {table}.{column}")


def test_a_file_that_is_no_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "names.db").write_text("dear diary, " * 1000)
    monkeypatch.setenv("DATABASE_URL", "sqlite+aiosqlite:///names.db")
    assert refusal().startswith("DATABASE_URL: ")
    assert (tmp_path / "names.db").read_text() == "dear diary, " * 1000


@pytest.mark.parametrize("content", [None, b"", b"not a model", b"\xff" * 1000])
def test_a_damaged_model_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "damaged.safetensors"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("MODEL_PATH", str(file))
    sentence = refusal()
    assert sentence.startswith("MODEL_PATH: ")
    assert "damaged.safetensors" in sentence


def test_a_model_file_damaged_later_is_still_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Even though the database holds the model that served until now."""
    file = write_tiny_model(tmp_path / "model.safetensors")
    monkeypatch.setenv("MODEL_PATH", str(file))
    monkeypatch.setenv("BOT_API_URL", "http://127.0.0.1:1")
    assert refusal().startswith("BOT_API_URL: ")
    file.write_bytes(file.read_bytes()[:-100])
    assert refusal().startswith("MODEL_PATH: ")


def test_a_telegram_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_API_URL", "http://127.0.0.1:1")
    assert refusal().startswith("BOT_API_URL: http://127.0.0.1:1 ")


def test_the_port_of_the_playground_is_taken() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        assert refusal(f"playground --port {port}").startswith(f"The port {port} is taken")


def test_no_bot_is_running_here() -> None:
    result = CliRunner().invoke(app, ["health"])
    assert result.exit_code == 1
    assert result.stderr == "The bot is not running here.\n"


@pytest.mark.parametrize("command", ["run", "playground", "start", "health"])
def test_every_command_explains_itself(command: str) -> None:
    assert command in CliRunner().invoke(app, ["--help"]).stdout
    assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0

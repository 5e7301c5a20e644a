"""The environment, read and checked."""

from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, load_settings, with_playground_database

TOKEN = "123456:ABC-def_1"  # noqa: S105


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_nothing_is_needed() -> None:
    settings = load_settings()
    assert settings.bot_token is None
    assert settings.database_url == "sqlite+aiosqlite:///data/imyarek.db"
    assert settings.bot_api_url == "https://api.telegram.org"
    assert settings.min_ratings == 20
    assert not settings.is_admin(None)


def test_the_environment_goes_before_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(
        f"BOT_TOKEN={TOKEN}\nADMIN_IDS=1, 2\nMIN_RATINGS=3\nSOMETHING_ELSE=x\nLOG_LEVEL=\n"
    )
    monkeypatch.setenv("MIN_RATINGS", "4")
    settings = load_settings()
    assert settings.bot_token
    assert settings.bot_token.get_secret_value() == TOKEN
    assert settings.admin_ids == {1, 2}
    assert settings.is_admin(2)
    assert not settings.is_admin(3)
    assert settings.min_ratings == 4
    assert settings.log_level == "INFO"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOG_LEVEL", "debug"),
        ("LOG_FORMAT", "JSON"),
        ("ADMIN_IDS", "7,"),
        ("WEBHOOK_URL", "https://example.org/x/"),
        ("WEBHOOK_SECRET", "a" * 256),
        ("BOT_API_URL", "http://[::1]:8081"),
    ],
)
def test_sensible_values_pass(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_TOKEN", "sesame"),
        ("BOT_TOKEN", "123456:a b"),
        ("BOT_TOKEN", "123456:abc\n"),
        ("ADMIN_IDS", "1,anya"),
        ("ADMIN_IDS", "1;2"),
        ("DATABASE_URL", "names.db"),
        ("BOT_API_URL", "localhost:8081"),
        ("BOT_API_URL", "http://localhost:port"),
        ("WEBHOOK_URL", "my.host"),
        ("WEBHOOK_SECRET", "пароль"),
        ("WEBHOOK_SECRET", "a" * 257),
        ("WEBHOOK_PORT", "0"),
        ("WEBHOOK_PORT", "http"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
        ("MIN_RATINGS", "-1"),
        ("MIN_RATINGS", "many"),
    ],
)
def test_a_malformed_setting_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refusal:
        load_settings()
    message = str(refusal.value)
    assert message.startswith(f"{name} must be ")
    assert message.endswith(".")
    assert len(value) < 3 or value.strip() not in message
    assert refusal.value.__cause__ is None


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"BOT_TOKEN=\xff\xfe")
    with pytest.raises(SettingsError, match=r"\.env"):
        load_settings()


def test_secrets_are_known_and_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("WEBHOOK_SECRET", "hush-hush")
    monkeypatch.setenv("DATABASE_URL", "postgresql+asyncpg://me:pass@host/names")
    settings = load_settings()
    assert set(settings.secrets()) == {TOKEN, "hush-hush", "pass"}
    assert not any(secret in repr(settings) for secret in settings.secrets())


def test_the_playground_has_a_database_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "playground" in with_playground_database(load_settings()).database_url
    monkeypatch.setenv("DATABASE_URL", "sqlite+aiosqlite:///mine.db")
    assert with_playground_database(load_settings()).database_url.endswith("mine.db")

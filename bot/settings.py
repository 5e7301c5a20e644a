"""The settings: environment variables or a ``.env`` file in the working directory."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PLAYGROUND_DATABASE_URL = "sqlite+aiosqlite:///data/playground.db"
PLAYGROUND_PORT = 8080

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class SettingsError(ValueError):
    """A setting is missing, malformed, or names what is not there: one sentence that names it."""


def _secret_matching(pattern: re.Pattern[str]) -> AfterValidator:
    def check(secret: SecretStr) -> SecretStr:
        if not pattern.fullmatch(secret.get_secret_value()):
            raise ValueError
        return secret

    return AfterValidator(check)


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    # Reading .port raises ValueError for a port that is no port.
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        raise ValueError
    return value.rstrip("/")


def _database_url(value: str) -> str:
    if not re.match(r"[a-z0-9+]+://", value):
        raise ValueError
    return value


def _split_commas(value: Any) -> Any:
    return [part for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
LogFormat = Literal["text", "json"]


class Settings(BaseSettings):
    """What the environment says, checked.

    Each description completes the sentence "NAME must be ...", which a person reads when the
    setting is malformed. The value itself is never shown: it may be a secret.
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore"
    )

    bot_token: Annotated[SecretStr, _secret_matching(_TOKEN)] | None = Field(
        default=None, description="a token as @BotFather gives it, like 123456:ABC-DEF"
    )
    admin_ids: Annotated[frozenset[int], NoDecode, BeforeValidator(_split_commas)] = Field(
        default=frozenset(), description="Telegram user ids separated by commas, like 12345,67890"
    )
    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
        default="sqlite+aiosqlite:///data/imyarek.db",
        description="a database address, like sqlite+aiosqlite:///data/imyarek.db",
        repr=False,
    )
    bot_api_url: Annotated[str, AfterValidator(_http_url)] = Field(
        default="https://api.telegram.org",
        description="the address of a Bot API server, like http://127.0.0.1:8081",
    )
    model_path: Path | None = Field(
        default=None, description="the path of a model file (.safetensors)"
    )
    webhook_url: Annotated[str, AfterValidator(_http_url)] | None = Field(
        default=None,
        description="the address that Telegram shall call, like https://example.org/imyarek",
    )
    webhook_secret: Annotated[SecretStr, _secret_matching(_SECRET)] | None = Field(
        default=None, description="1 to 256 Latin letters, digits, _ and -"
    )
    webhook_listen: str = Field(
        default="127.0.0.1", description="the network address that the webhook server listens on"
    )
    webhook_port: int = Field(
        default=8443, ge=1, le=65535, description="a port number from 1 to 65535"
    )
    log_level: Annotated[LogLevel, BeforeValidator(_upper)] = Field(
        default="INFO", description="one of DEBUG, INFO, WARNING, ERROR and CRITICAL"
    )
    log_format: Annotated[LogFormat, BeforeValidator(_lower)] = Field(
        default="text", description="text or json"
    )
    min_ratings: int = Field(default=20, ge=1, description="a whole number, 1 or greater")
    retrain_every: int = Field(
        default=0, ge=0, description="a whole number, 0 (only on /retrain) or greater"
    )
    former_share: int = Field(
        default=15, ge=0, le=50, description="a whole number of percent, from 0 (none) to 50"
    )
    keep_versions: int = Field(default=5, ge=1, description="a whole number, 1 or greater")
    keep_names_days: int = Field(
        default=90, ge=1, le=36_500, description="a whole number of days, 1 or greater"
    )
    person_limit: int = Field(
        default=60, ge=0, description="a whole number, 0 (no limit) or greater"
    )
    group_limit: int = Field(
        default=20, ge=0, description="a whole number, 0 (no limit) or greater"
    )

    def secrets(self) -> list[str]:
        """The strings that must not appear in any log line."""
        named = [self.bot_token, self.webhook_secret]
        password = urlsplit(self.database_url).password
        return [s.get_secret_value() for s in named if s] + ([password] if password else [])

    def is_admin(self, user_id: int | None) -> bool:
        """Whether the Telegram user is named in ADMIN_IDS."""
        return user_id in self.admin_ids


def load_settings() -> Settings:
    """The settings of this process.

    Raises:
        SettingsError: a setting is malformed, or ``.env`` cannot be read.
    """
    try:
        return Settings()
    except ValidationError as error:
        # The cause is left out on purpose: it quotes the value.
        name = str(error.errors(include_input=False, include_context=False)[0]["loc"][0])
        description = Settings.model_fields[name].description
        raise SettingsError(f"{name.upper()} must be {description}.") from None
    except UnicodeDecodeError:
        raise SettingsError("The file .env is not UTF-8 text.") from None
    except OSError as error:
        raise SettingsError(f"The file .env cannot be read: {error.strerror}.") from None


def with_playground_database(settings: Settings) -> Settings:
    """The settings with a database of the playground's own, unless DATABASE_URL names one."""
    if "database_url" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"database_url": PLAYGROUND_DATABASE_URL})

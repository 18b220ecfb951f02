"""The environment as a typed form: every setting begins with STADSVRAAG_."""

from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PLACEHOLDERS = {"", "change-me", "changeme", "secret"}


class Settings(BaseSettings):
    """What an operator decides. Nothing about the process: that is data."""

    model_config = SettingsConfigDict(env_prefix="STADSVRAAG_", env_file=".env", extra="ignore")

    environment: Literal["demo", "production"] = "production"
    data_dir: Path = Path("var")
    database_url: str = "sqlite+aiosqlite:///var/stadsvraag.db"
    base_url: str = "http://127.0.0.1:8000"
    secret_key: SecretStr
    city: Path = Path("cities/twente")
    smtp_url: SecretStr = SecretStr("smtp://127.0.0.1:25?tls=none")
    mail_from: str = "Stadsvraag <stadsvraag@example.org>"
    mail_connections: int = Field(default=4, ge=1, le=50)
    mail_timeout: float = Field(default=20, gt=0, le=60)
    mail_patience: float = Field(default=120, gt=0, le=240)
    mail_per_minute: int = Field(default=0, ge=0)
    mail_per_minute_per_domain: int = Field(default=0, ge=0)
    mail_dkim_selector: str = ""
    inbox: SecretStr = SecretStr("")
    inbox_address: str = ""
    inbox_seconds: float = Field(default=30, ge=1, le=3600)
    replies_told_per_hour: int = Field(default=3, ge=0)
    uncertain_retry_minutes: int = Field(default=30, ge=0)
    prefect_api_url: str | None = None
    prefect_ui_url: str | None = None
    poll_seconds: float = 0.3
    session_days: int = 14
    link_days: int = 42
    sign_in_minutes: int = 30
    file_megabytes: int = 10
    files_per_question: int = 20
    files_at_once: int = 5
    clamd: str | None = None
    log_format: Literal["text", "json"] = "text"
    metrics_token: SecretStr = SecretStr("")
    trusted_proxies: str = ""

    @field_validator("database_url")
    @classmethod
    def name_the_driver(cls, url: str) -> str:
        # SQLAlchemy reads a bare `postgresql://` as psycopg and refuses a bare `sqlite://` when asynchronous.
        for plain, driver in (("postgresql://", "postgresql+asyncpg://"), ("postgres://", "postgresql+asyncpg://"),
                              ("sqlite://", "sqlite+aiosqlite://")):  # fmt: skip
            if url.startswith(plain):
                return driver + url.removeprefix(plain)
        return url

    @field_validator("base_url")
    @classmethod
    def no_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @model_validator(mode="after")
    def refuse_placeholders(self) -> Self:
        if self.secret_key.get_secret_value() in PLACEHOLDERS or len(self.secret_key.get_secret_value()) < 24:
            raise ValueError(
                "STADSVRAAG_SECRET_KEY is missing or too short: set at least 24 random characters, "
                "for instance the output of: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
            )
        return self

    @model_validator(mode="after")
    def know_where_answers_go(self) -> Self:
        if bool(self.inbox.get_secret_value()) != bool(self.inbox_address):
            raise ValueError(
                "STADSVRAAG_INBOX and STADSVRAAG_INBOX_ADDRESS belong together: where mail that comes in is read, and "
                "the address at which it arrives there"
            )
        return self

    @property
    def demo(self) -> bool:
        return self.environment == "demo"


@lru_cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()

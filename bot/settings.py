"""Settings: from the environment or `.env`. Each says what it is for; a wrong one stops the start by name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.retention import Keep
from bot.setting_values import (
    Chat,
    EmailAddress,
    HttpsUrl,
    HttpUrl,
    HttpUrls,
    ImapUrl,
    Networks,
    Phone,
    Sender,
    SmtpUrl,
    SpeedUps,
)
from bot.store.keys import Keys, keys_of


class SettingsError(Exception):
    """A setting is missing or wrong; the text names it and says what to do."""


class Settings(BaseSettings):
    """All settings. Field names in lower case; the environment uses them in upper case."""

    model_config = SettingsConfigDict(env_file=".env", env_prefix="KASAMA_", extra="ignore", populate_by_name=True)

    home: Path = Field(Path("var"), description="Folder for the database, the trained models and the logs.")
    host: str = Field("127.0.0.1", description="Address that the web server listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port that the web server listens on; 0 picks a free one.")
    database_url: str = Field("", description="SQLAlchemy address of the database. Empty: SQLite in the home folder.")
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Key that encrypts numbers and messages at rest, 32 characters or more. "
        "Empty: one is made in the home folder. Without it the data cannot be read; keep a copy apart.",
    )
    older_secret_keys: SecretStr = Field(
        SecretStr(""),
        description="Keys that data may still be encrypted with, separated by commas, while KASAMA_SECRET_KEY is being changed.",
    )
    public_url: HttpUrl = Field("", description="Address at which the providers reach this service. Empty: none.")
    operator_email: EmailAddress = Field(
        "", description="Inbox of the partner that operates the service; calls for help go there. Needs SMTP_URL."
    )
    operator_sms: Phone = Field(
        "", description="Mobile number of the partner that operates the service; calls for help go there."
    )
    operator_telegram: Chat = Field(
        "",
        description="Id of a Telegram chat or group of that partner; calls for help go there. Needs TELEGRAM_BOT_TOKEN.",
    )
    operator_webhook: HttpsUrl = Field(
        "", description="Address of that partner's own system; calls for help are posted there, signed."
    )
    operator_webhook_secret: SecretStr = Field(
        SecretStr(""), description="Secret that both sides sign the webhook with, 32 characters or more."
    )
    rasa_url: HttpUrls = Field(
        "",
        description="Addresses of Rasa servers that `kasama rasa` runs, separated by commas. Empty: one is started on loopback.",
    )
    service_url: HttpUrl = Field(
        "", description="Address at which `kasama rasa` reaches the service, of a balancer or of one replica."
    )
    internal_token: SecretStr = Field(
        SecretStr(""),
        description="Secret in the addresses that Rasa servers elsewhere call, 32 letters and digits or more. Empty: a new one at each start.",
    )
    rasa_timeout: float = Field(
        8.0, gt=0, description="Seconds to wait for the dialogue model before she gets a safe reply without it."
    )
    rasa_speedups: SpeedUps = Field(
        "all",
        description="Speed-ups of the dialogue model's server: `all`, `none` (stock Rasa), or names of `bot/rasa_speed`.",
    )
    pause: float = Field(
        1.5,
        ge=0,
        le=10,
        description="Seconds of silence before messages that a woman writes in a row are read as one; 0 answers each alone.",
    )
    flood_limit: int = Field(
        60,
        ge=0,
        description="Messages of one woman in a minute that are answered; 0 is no limit. Calls for help have none.",
    )
    content: Path = Field(
        Path(__file__).resolve().parent.parent / "content", description="Folder with the facts, texts and partners."
    )

    keep_messages: int = Field(90, ge=8, description="Days that her messages and the answers are kept, outside cases.")
    keep_deliveries: int = Field(30, ge=8, description="Days that what was sent is kept, to her or to a partner.")
    keep_cases: int = Field(180, ge=0, description="Days that the texts of a case are kept after it was closed.")
    keep_people: int = Field(
        365, ge=30, description="Days after she last wrote that her number, language and route are kept."
    )
    keep_looks: int = Field(
        730, ge=0, description="Days that it is kept who looked at a case and what was done at the desk."
    )

    desk_idle_minutes: int = Field(
        120, ge=5, le=1440, description="Minutes without a click after which somebody is signed out of the desk."
    )
    desk_session_hours: int = Field(12, ge=1, le=168, description="Hours after which she has to sign in again anyway.")
    proxies: Networks = Field(
        "127.0.0.1,::1",
        description="Addresses or networks (10.0.0.0/24) of reverse proxies, separated by commas, whose X-Forwarded-For says who calls.",
    )
    oidc_issuer: HttpUrl = Field(
        "",
        description="OpenID Connect provider that staff may sign in with; the address before /.well-known. Empty: none.",
    )
    oidc_client_id: str = Field("", description="Name under which the desk is registered there.")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="Secret of that registration.")

    smtp_url: SmtpUrl = Field(
        SecretStr(""),
        validation_alias=AliasChoices("SMTP_URL", "smtp_url"),
        description="Mail server for calls for help: smtp://user:password@host:587 (STARTTLS when offered) or smtps://…:465.",
    )
    imap_url: ImapUrl = Field(
        SecretStr(""),
        description="Mailbox that partners answer to, for nothing else: imaps://user:password@host/INBOX. Empty: answers by mail are not read.",
    )
    twilio_account_sid: str = Field(
        "",
        validation_alias=AliasChoices("TWILIO_ACCOUNT_SID", "twilio_account_sid"),
        description="Twilio account, AC….",
    )
    twilio_auth_token: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("TWILIO_AUTH_TOKEN", "twilio_auth_token"),
        description="Twilio auth token; checks that webhooks come from Twilio.",
    )
    twilio_from: Sender = Field(
        "",
        validation_alias=AliasChoices("TWILIO_FROM", "twilio_from"),
        description="Number or Messaging Service (MG…) that SMS are sent from.",
    )
    twilio_segments_per_second: float = Field(
        1.0,
        ge=0,
        validation_alias=AliasChoices("TWILIO_SEGMENTS_PER_SECOND", "twilio_segments_per_second"),
        description="How fast the sender may send: 1 for a long number, 100 for a short code, the sum of a service's numbers; 0: no limit.",
    )
    twilio_opt_out: Literal["default", "advanced", "none"] = Field(
        "default",
        validation_alias=AliasChoices("TWILIO_OPT_OUT", "twilio_opt_out"),
        description="Who acts on STOP, START and HELP: Twilio by its default words, by Advanced Opt-Out (advanced), or none: a short code.",
    )
    twilio_fallback_url: HttpUrl = Field(
        "",
        validation_alias=AliasChoices("TWILIO_FALLBACK_URL", "twilio_fallback_url"),
        description="A second address of this service that Twilio uses when KASAMA_PUBLIC_URL fails. Empty: none.",
    )
    twilio_api_url: HttpUrl = Field(
        "",
        validation_alias=AliasChoices("TWILIO_API_URL", "twilio_api_url"),
        description="Another server with Twilio's interface, for tests.",
    )
    sms_gateway: Annotated[Path | None, BeforeValidator(lambda value: value or None)] = Field(
        None, description="Profile (YAML) of an SMS gateway beside or instead of Twilio. Empty: none."
    )
    sms_gateway_secret: SecretStr = Field(
        SecretStr(""), description="Secret with which the SMS gateway proves that it is it; 16 characters or more."
    )
    sms_gateway_password: SecretStr = Field(
        SecretStr(""), description="Password or key with which we prove it to the SMS gateway."
    )
    telegram_bot_token: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("TELEGRAM_BOT_TOKEN", "telegram_bot_token"),
        description="Token of the Telegram bot, from BotFather.",
    )
    telegram_webhook_secret: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("TELEGRAM_WEBHOOK_SECRET", "telegram_webhook_secret"),
        description="Secret that Telegram sends with each webhook; needed when KASAMA_PUBLIC_URL is set.",
    )
    telegram_api_url: HttpUrl = Field(
        "",
        validation_alias=AliasChoices("TELEGRAM_API_URL", "telegram_api_url"),
        description="Another server with Telegram's interface, for tests.",
    )

    @model_validator(mode="after")
    def _complete(self) -> Settings:
        problems = []
        if (self.twilio_account_sid or self.twilio_from) and not self.twilio_auth_token.get_secret_value():
            problems.append(
                "TWILIO_AUTH_TOKEN is missing: without it anybody could write to the SMS webhook. Copy it from the Twilio console."
            )
        if self.twilio_auth_token.get_secret_value() and not self.twilio_account_sid:
            problems.append("TWILIO_ACCOUNT_SID is missing: copy it from the Twilio console (it starts with AC).")
        if self.twilio_account_sid and not self.twilio_from:
            problems.append(
                "TWILIO_FROM is missing: the number (+…) or Messaging Service (MG…) that SMS are sent from."
            )
        if (
            self.telegram_bot_token.get_secret_value()
            and self.public_url
            and not self.telegram_webhook_secret.get_secret_value()
        ):
            problems.append(
                "TELEGRAM_WEBHOOK_SECRET is missing: with KASAMA_PUBLIC_URL set Telegram writes to a webhook, and without a secret "
                "anybody could. Set it to 16 or more random letters and digits."
            )
        secret = self.secret_key.get_secret_value()
        if secret and len(secret) < 32:
            problems.append(
                "KASAMA_SECRET_KEY is too short: use 32 characters or more, for example from `openssl rand -base64 32`."
            )
        token = self.internal_token.get_secret_value()
        if token and not (len(token) >= 32 and token.isascii() and token.replace("-", "").replace("_", "").isalnum()):
            problems.append(
                "KASAMA_INTERNAL_TOKEN must be 32 or more letters and digits, for example from `openssl rand -hex 32`."
            )
        if self.rasa_url and not token:
            problems.append(
                "KASAMA_INTERNAL_TOKEN is missing: KASAMA_RASA_URL is set, and Rasa elsewhere asks for actions with it. Make one with "
                "`openssl rand -hex 32`, the same for every replica and every `kasama rasa`."
            )
        if self.older_secret_keys.get_secret_value() and not secret:
            problems.append(
                "KASAMA_SECRET_KEY is missing: KASAMA_OLDER_SECRET_KEYS names the keys before it. Keys in the home folder need neither."
            )
        if self.operator_email and not self.smtp_url.get_secret_value():
            problems.append(
                "SMTP_URL is missing: KASAMA_OPERATOR_EMAIL is set, and calls for help are mailed through that server."
            )
        if imap := self.imap_url.get_secret_value():
            smtp = self.smtp_url.get_secret_value()
            users = [unquote(urlsplit(url).username or "") for url in (imap, smtp)]
            if not smtp:
                problems.append(
                    "SMTP_URL is missing: KASAMA_IMAP_URL is set, and what is answered there was mailed before."
                )
            elif "@" not in users[0] and users[0] != users[1]:
                problems.append(
                    "KASAMA_IMAP_URL must have an e-mail address as its user, or the same user as SMTP_URL: answers are asked to "
                    "that mailbox."
                )
        if self.sms_gateway and len(self.sms_gateway_secret.get_secret_value()) < 16:
            problems.append(
                "KASAMA_SMS_GATEWAY_SECRET is missing or too short: without it anybody could write to the gateway's webhook. "
                "Use 16 characters or more, the same as in the gateway."
            )
        if self.operator_sms and not (self.twilio_account_sid or self.sms_gateway):
            problems.append(
                "TWILIO_ACCOUNT_SID or KASAMA_SMS_GATEWAY is missing: KASAMA_OPERATOR_SMS is set, and calls for help are texted "
                "through one of them."
            )
        if self.operator_telegram and not self.telegram_bot_token.get_secret_value():
            problems.append(
                "TELEGRAM_BOT_TOKEN is missing: KASAMA_OPERATOR_TELEGRAM is set, and calls for help go there by that bot."
            )
        if self.operator_webhook and len(self.operator_webhook_secret.get_secret_value()) < 32:
            problems.append(
                "KASAMA_OPERATOR_WEBHOOK_SECRET is missing or shorter than 32 characters: calls for help are signed with it. Make one, "
                "for example with `openssl rand -base64 32`, and give it to the other side."
            )
        if self.oidc_issuer and not (self.oidc_client_id and self.oidc_client_secret.get_secret_value()):
            problems.append(
                "KASAMA_OIDC_CLIENT_ID and KASAMA_OIDC_CLIENT_SECRET are missing: KASAMA_OIDC_ISSUER is set. Register the desk there."
            )
        if self.oidc_issuer and not self.public_url:
            problems.append(
                "KASAMA_PUBLIC_URL is missing: the OpenID Connect provider (KASAMA_OIDC_ISSUER) sends staff back to that address."
            )
        takes_messages = self.twilio_account_sid or self.sms_gateway or self.telegram_bot_token.get_secret_value()
        inboxes = self.operator_email, self.operator_sms, self.operator_telegram, self.operator_webhook
        if takes_messages and not any(inboxes):
            problems.append(
                "KASAMA_OPERATOR_EMAIL or KASAMA_OPERATOR_SMS is missing: women can write to this service, so a call for help must have "
                "somebody to reach. Set one of them to the inbox of the partner that answers."
            )
        if problems:
            raise ValueError("\n".join(problems))
        return self

    @property
    def keep(self) -> Keep:
        """How long each kind of data is kept."""
        return Keep(
            messages=self.keep_messages,
            deliveries=self.keep_deliveries,
            cases=self.keep_cases,
            people=self.keep_people,
            looks=self.keep_looks,
        )

    @property
    def keys(self) -> Keys:
        """The keys that everything personal is sealed with."""
        older = tuple(key for key in self.older_secret_keys.get_secret_value().split(",") if key)
        return keys_of(self.home, self.secret_key.get_secret_value(), older)

    @property
    def rasa_urls(self) -> list[str]:
        """Addresses of the Rasa servers that run elsewhere."""
        return [url for url in self.rasa_url.split(",") if url]

    @property
    def database(self) -> str:
        """SQLAlchemy address of the database in use."""
        return self.database_url or f"sqlite+aiosqlite:///{(self.home / 'kasama.sqlite3').resolve()}"


def environment_name(field: str) -> str:
    """The environment variable of a settings field, in upper case."""
    alias = Settings.model_fields[field].validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else f"KASAMA_{field.upper()}"


def load_settings(**overrides: object) -> Settings:
    """Read the settings; raises `SettingsError` with one line per problem, each naming the setting."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = []
        for item in error.errors(include_url=False, include_input=False):
            where, text = item["loc"], str(item["msg"]).removeprefix("Value error, ")
            name = str(where[0]) if where else ""
            if name in Settings.model_fields:
                name = environment_name(name)
            lines.append(f"{name} {text[:1].lower() + text[1:]}" if name else text)
        raise SettingsError("\n".join(lines)) from None

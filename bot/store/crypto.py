"""Encryption of personal data at rest, and keyed hashes to look it up by.

Numbers, chat ids and texts are stored only encrypted (Fernet: AES-128-CBC with HMAC-SHA256). Rows are found by a keyed hash,
so that somebody who holds the database file but not the key can neither read nor try out numbers.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class WrongKey(Exception):
    """The key does not fit the data."""


class Vault:
    """Encrypts and hashes with keys derived from one secret.

    secret: 32 characters or more. older: secrets that data may still be encrypted with.
    """

    def __init__(self, secret: str, older: tuple[str, ...] = ()) -> None:
        self._fernet = MultiFernet([Fernet(_derive(s, b"kasama encryption")) for s in (secret, *older)])
        self._hash_key = base64.urlsafe_b64decode(_derive(secret, b"kasama look-up"))

    def seal(self, text: str) -> bytes:
        """Encrypted form of `text`. Lone surrogates, which providers may deliver, survive the round trip."""
        return self._fernet.encrypt(text.encode("utf-8", "surrogatepass"))

    def open(self, sealed: bytes) -> str:
        """The text again; raises `WrongKey` when it was sealed with another key."""
        try:
            return self._fernet.decrypt(sealed).decode("utf-8", "surrogatepass")
        except InvalidToken:
            raise WrongKey(
                "The data in the database was encrypted with another key. Set KASAMA_SECRET_KEY to the key that was used before."
            ) from None

    def mark(self, *parts: str) -> str:
        """A keyed hash of the parts, 32 hex characters, the same for the same parts."""
        text = "\x1f".join(parts).encode("utf-8", "surrogatepass")
        return hmac.new(self._hash_key, text, hashlib.sha256).hexdigest()[:32]


def _derive(secret: str, purpose: bytes) -> bytes:
    key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())
    return base64.urlsafe_b64encode(key)


def secret_of(home: Path, configured: str) -> str:
    """The configured secret, or the one in the home folder; made there at the first start, readable by the owner only."""
    if configured:
        return configured
    path = home / "secret.key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        draft = home / f".secret.key.{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A link fails when another process was first; both then read the same key.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()

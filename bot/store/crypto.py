"""Encryption of personal data at rest, and keyed hashes to look it up by.

Numbers, chat ids and texts are stored only encrypted (Fernet: AES-128-CBC with HMAC-SHA256). Rows are found by a keyed hash,
so that somebody who holds the database file but not the key can neither read nor try out numbers.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.store.keys import Keys


class WrongKey(Exception):
    """The key does not fit the data."""


class Vault:
    """Encrypts and hashes with keys derived from secrets, of which the newest seals and all open.

    keys: secrets of 32 characters or more; one alone may be given as it is.
    """

    def __init__(self, keys: Keys | str) -> None:
        self.keys = Keys((keys,)) if isinstance(keys, str) else keys

    def seal(self, text: str) -> bytes:
        """Encrypted form of `text`. Lone surrogates, which providers may deliver, survive the round trip."""
        return self.seal_bytes(text.encode("utf-8", "surrogatepass"))

    def seal_bytes(self, content: bytes) -> bytes:
        """Encrypted form of anything."""
        return _fernet(self.keys.current()[0]).encrypt(content)

    def open(self, sealed: bytes) -> str:
        """The text again; raises `WrongKey` when it was sealed with another key."""
        return self.open_bytes(sealed).decode("utf-8", "surrogatepass")

    def open_bytes(self, sealed: bytes) -> bytes:
        """The content again; raises `WrongKey` when it was sealed with another key."""
        return self._open(sealed)[1]

    def age(self, sealed: bytes) -> int:
        """Which key it was sealed with: 0 for the newest. Raises `WrongKey`."""
        return self._open(sealed)[0]

    def _open(self, sealed: bytes) -> tuple[int, bytes]:
        for age, secret in enumerate(self.keys.current()):
            try:
                return age, _fernet(secret).decrypt(sealed)
            except InvalidToken:
                continue
        raise WrongKey(
            "The data in the database was encrypted with another key. Set KASAMA_SECRET_KEY to the key that was used before."
        )

    def mark(self, *parts: str) -> str:
        """A keyed hash of the parts, 32 hex characters, the same for the same parts as long as no key is added."""
        return _mark(self.keys.current()[0], parts)

    def marks(self, *parts: str) -> list[str]:
        """The keyed hashes of the parts under every key, the newest first: what is looked for may not be marked anew yet."""
        return [_mark(secret, parts) for secret in self.keys.current()]


@lru_cache(maxsize=32)
def _fernet(secret: str) -> Fernet:
    return Fernet(_derive(secret, b"kasama encryption"))


@lru_cache(maxsize=32)
def _derive(secret: str, purpose: bytes) -> bytes:
    key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())
    return base64.urlsafe_b64encode(key)


def _mark(secret: str, parts: tuple[str, ...]) -> str:
    key = base64.urlsafe_b64decode(_derive(secret, b"kasama look-up"))
    text = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return hmac.new(key, text, hashlib.sha256).hexdigest()[:32]

"""How Kasama and a partner's own system sign what they post to each other: HMAC-SHA256 over timestamp and body."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterable

SIGNATURE, TIMESTAMP = "X-Kasama-Signature", "X-Kasama-Timestamp"

FRESH = 300
"""Seconds that a signature is good for; clocks differ, and an old request must not be played again."""


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature, `v1=` and hexadecimal digits."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"v1={digest}"


def is_signed(secrets: Iterable[str], timestamp: str, body: bytes, signature: str, *, at: float | None = None) -> bool:
    """Whether one of the secrets signed this, not longer ago than `FRESH`. at: seconds since the epoch; now if not given."""
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        return False
    if abs((time.time() if at is None else at) - int(timestamp)) > FRESH:
        return False
    given = signature.encode(errors="replace")
    return any([hmac.compare_digest(sign(secret, timestamp, body).encode(), given) for secret in secrets if secret])

"""Passwords of staff: what is good enough, and Argon2 for what is kept."""

from __future__ import annotations

import asyncio
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.desk.words import N_

SHORTEST, LONGEST = 12, 200
"""Characters."""

COMMON = frozenset((Path(__file__).parent / "common_passwords.txt").read_text("utf-8").split())
"""What remains of the commonest passwords once digits and signs are taken away."""

_SEQUENCES = (
    "01234567890123456789",
    "98765432109876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
)

_hasher = PasswordHasher()
_NOBODY = _hasher.hash("the password of an account that does not exist")
_at_once = asyncio.Semaphore(2)
"""Each takes 64 MiB: many guesses at once must not take the machine."""


def weakness(password: str, *about: str) -> str | None:
    """Why a password is too easy to guess, as a sentence for the catalogs; None when it is good.

    about: the person's name and e-mail address, which must not be it.
    """
    if len(password) < SHORTEST:
        return N_("Use 12 characters or more; a few words that belong to no saying are easy to remember.")
    if len(password) > LONGEST:
        return N_("Use 200 characters or fewer.")
    plain = password.casefold()
    letters = "".join(c for c in plain if c.isalpha())
    half = letters[: len(letters) // 2]
    if len(set(plain)) < 6 or letters in COMMON or (half in COMMON and letters == half * 2):
        return N_("This password is one of the first that anybody tries.")
    if any(plain in sequence for sequence in _SEQUENCES) or not (letters or len(set(plain)) > 8):
        return N_("This password is one of the first that anybody tries.")
    left = plain
    for part in " ".join(about).casefold().replace("@", " ").replace(".", " ").split():
        left = left.replace(part, "") if len(part) > 2 else left
    if left != plain and len(left) < 8:
        return N_("The password is too close to the name or the e-mail address.")
    return None


async def hashed(password: str) -> str:
    """The form in which it is kept."""
    async with _at_once:
        return await asyncio.to_thread(_hasher.hash, password)


async def fits(kept: str | None, password: str) -> bool:
    """Whether it is the password. Takes as long where there is no account (None) or no password."""
    async with _at_once:
        return await asyncio.to_thread(_verify, kept, password[: LONGEST + 1])


def _verify(kept: str | None, password: str) -> bool:
    try:
        return _hasher.verify(kept or _NOBODY, password) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False

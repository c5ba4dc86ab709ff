"""The second factor: codes of an authenticator app (TOTP), and recovery codes for when the phone is lost."""

from __future__ import annotations

import hashlib
import io
import secrets

import pyotp
import segno
from sqlalchemy import CursorResult, delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.crypto import Vault
from bot.store.desk_tables import RecoveryCode, Staff
from bot.store.models import now

RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_STEP = 30
"""Seconds that a code is shown by the app."""


def new_secret() -> str:
    """A secret for an app, base32."""
    return pyotp.random_base32()


def address(secret: str, account: str) -> str:
    """What an app reads. account: shown in the app beside the code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name="Kasama")


def picture(secret: str, account: str) -> bytes:
    """The same as a QR code, SVG."""
    out = io.BytesIO()
    segno.make_qr(address(secret, account), error="m").save(
        out, kind="svg", scale=5, light="#fff", dark="#000", border=4
    )
    return out.getvalue()


async def accepts(session: AsyncSession, vault: Vault, staff: Staff, code: str) -> bool:
    """Whether a code of the app is right, one step of clock difference allowed; each works once."""
    code = "".join(code.split())
    if staff.totp_sealed is None or len(code) != 6 or not code.isascii() or not code.isdecimal():
        return False
    totp, current = pyotp.TOTP(vault.open(staff.totp_sealed)), int(now().timestamp()) // _STEP
    for step in (current, current - 1, current + 1):
        if secrets.compare_digest(totp.at(step * _STEP), code):
            used = update(Staff).where(Staff.id == staff.id, Staff.totp_step < step).values(totp_step=step)
            return _one(await session.execute(used))
    return False


async def accepts_recovery(session: AsyncSession, staff_id: int, code: str) -> bool:
    """Whether it is a recovery code that has not been used; now it has."""
    using = delete(RecoveryCode).where(
        RecoveryCode.digest == _digest(staff_id, code), RecoveryCode.staff_id == staff_id
    )
    return _one(await session.execute(using))


async def new_recovery_codes(session: AsyncSession, staff_id: int) -> list[str]:
    """Codes to be shown once; the ones before stop working."""
    await session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    codes = [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3)) for _ in range(RECOVERY_CODES)
    ]
    session.add_all(RecoveryCode(digest=_digest(staff_id, code), staff_id=staff_id) for code in codes)
    return codes


def _digest(staff_id: int, code: str) -> str:
    plain = "".join(c for c in code.lower() if c in _LETTERS)
    return hashlib.sha256(f"{staff_id} {plain}".encode()).hexdigest()


def _one(result: object) -> bool:
    assert isinstance(result, CursorResult)
    return result.rowcount == 1

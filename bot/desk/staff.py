"""Who may work at the desk: roles, invitations and accounts."""

from __future__ import annotations

import secrets
from datetime import timedelta

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.words import N_
from bot.store.crypto import Vault
from bot.store.desk_tables import Guess, Invitation, RecoveryCode, Staff
from bot.store.models import now

OPERATOR = "operator"
"""Id of the partner that operates the service, and the role that sees to it."""

ROLES = {
    "caseworker": N_("caseworker"),
    "editor": N_("editor"),
    "coordinator": N_("coordinator"),
    "operator": N_("operator"),
}
CASEWORK = frozenset({"caseworker", "coordinator", "operator"})
EDITING = frozenset({"editor", "coordinator", "operator"})
LEADING = frozenset({"coordinator", "operator"})
EVERYBODY = frozenset(ROLES)

LASTS = timedelta(days=3)
"""How long an invitation can be used."""

FIRST = "first"
"""In place of the number of an invitation: the first operator's link, which works as long as there is no operator."""


class Invitations:
    """Links that work once. The link holds nothing but a signed number."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    @property
    def _signer(self) -> URLSafeSerializer:
        """Made anew each time: keys may be added while the service runs. The newest comes last and signs."""
        return URLSafeSerializer(self._vault.marks("signing key", "invitations")[::-1], salt="join the desk")

    async def make(self, session: AsyncSession, email: str, role: str, partner_id: str, invited_by: str) -> str:
        """The link's token. Earlier ones for this address stop working."""
        mark = self._vault.mark("staff", email.casefold())
        await session.execute(delete(Invitation).where(Invitation.email_mark == mark))
        row = Invitation(
            id=secrets.token_hex(16), email_mark=mark, email_sealed=self._vault.seal(email), partner_id=partner_id, role=role,
            invited_by=invited_by[:120], ends_at=now() + LASTS,
        )  # fmt: skip
        session.add(row)
        return self._signer.dumps([row.id, 0])

    def first(self) -> str:
        """The first operator's token."""
        return self._signer.dumps([FIRST, int((now() + LASTS).timestamp())])

    async def find(self, session: AsyncSession, token: str) -> Invitation | None:
        """The invitation of a link that still works; one for the first operator is not in the database and has no address."""
        try:
            number, extra = self._signer.loads(token)
        except (BadSignature, ValueError, TypeError):
            return None
        if number == FIRST:
            if await has_operator(session) or extra < now().timestamp():
                return None
            return Invitation(
                email_mark="", email_sealed=b"", partner_id=OPERATOR, role=OPERATOR, invited_by="the first start",
                ends_at=now(),
            )  # fmt: skip
        return await session.get(Invitation, number) if await self._open(session, number) else None

    async def use(self, session: AsyncSession, invitation: Invitation) -> bool:
        """Mark it as used; False when somebody was faster."""
        if not invitation.email_mark:
            return not await has_operator(session)
        using = update(Invitation).where(Invitation.id == invitation.id, Invitation.used_at.is_(None))
        return (await session.execute(using.values(used_at=now()))).rowcount == 1  # type: ignore[attr-defined,no-any-return]

    @staticmethod
    async def _open(session: AsyncSession, number: str) -> bool:
        wanted = select(Invitation.id).where(
            Invitation.id == number, Invitation.used_at.is_(None), Invitation.ends_at > now()
        )
        return (await session.execute(wanted)).first() is not None


async def has_operator(session: AsyncSession) -> bool:
    """Whether anybody ever was an operator here."""
    return bool((await session.execute(select(exists().where(Staff.role == OPERATOR)))).scalar())


async def by_email(session: AsyncSession, vault: Vault, email: str) -> Staff | None:
    """The account of an e-mail address."""
    marks = vault.marks("staff", email.strip().casefold())
    return (await session.execute(select(Staff).where(Staff.email_mark.in_(marks)))).scalars().first()


async def colleagues(session: AsyncSession, partner_id: str | None) -> list[Staff]:
    """The accounts of a partner, or (None) of all, in the order of partners and names."""
    wanted = select(Staff).order_by(Staff.partner_id, Staff.name)
    return list(
        (await session.execute(wanted.where(Staff.partner_id == partner_id) if partner_id else wanted)).scalars()
    )


async def join(
    session: AsyncSession, vault: Vault, invitation: Invitation, *, email: str, name: str, password: str
) -> Staff:
    """Make the account, or give the one that exists a new password, role and second factor. password: hashed."""
    staff = await by_email(session, vault, email)
    if staff is None:
        staff = Staff(email_mark=vault.mark("staff", email.casefold()), email_sealed=vault.seal(email), name=name)
        session.add(staff)
    staff.partner_id, staff.role, staff.password, staff.active = invitation.partner_id, invitation.role, password, True
    staff.totp_sealed, staff.totp_confirmed = None, False
    await session.flush()
    await session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff.id))
    # She may come because she had locked herself out.
    await session.execute(delete(Guess).where(Guess.mark.in_(vault.marks("guess at account", email.casefold()))))
    return staff


async def name_is_free(session: AsyncSession, partner_id: str, name: str) -> bool:
    """Whether nobody at this partner is called so: timelines tell colleagues apart by name."""
    taken = select(exists().where(Staff.partner_id == partner_id, Staff.name == name))
    return not (await session.execute(taken)).scalar()

"""The partners that can be reached here: `content/partners/` with the addresses of the settings filled in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.cases.actors import OPERATOR
from bot.cases.addresses import Inbox
from bot.knowledge import Knowledge
from bot.knowledge.schema import Open, Partner, Reach
from bot.store.models import Case

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_OPERATORS_WAYS = tuple(
    Reach(
        channel=channel,
        address_from=f"KASAMA_OPERATOR_{channel.upper()}",
        secret_from="KASAMA_OPERATOR_WEBHOOK_SECRET" if channel == "webhook" else None,
        at_once=channel != "email",
        out_of_hours=True,
    )
    for channel in ("email", "sms", "telegram", "webhook")
)
"""Used when operator.yml names no way: a call for help must not depend on that file."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a partner that is set up here. id: `mission_hk:2`, unique. person: on duty; empty for an inbox."""

    id: str
    partner: str
    channel: str
    address: str
    person: str = ""
    at_once: bool = False
    out_of_hours: bool = False
    secret: str = ""

    def belongs_to(self, channel: str, address: str) -> bool:
        """Whether this is it."""
        return self.channel == channel and same_address(self.address) == same_address(address)


class Directory:
    """Partners and their ways, as the content in service has them."""

    def __init__(self, knowledge: Knowledge, inbox: Inbox, by_sms: frozenset[str] = frozenset({"sms"})) -> None:
        """by_sms: channels that a partner's SMS may come back by."""
        self._knowledge, self._addresses, self._sms = knowledge, inbox.values, inbox.sms_channel
        self._by_sms = by_sms

    @property
    def operator(self) -> Partner:
        """The partner that operates the service."""
        return self._knowledge.operator

    def partner(self, partner_id: str) -> Partner | None:
        """A partner by id."""
        return self._knowledge.snapshot.content.partners.get(partner_id)

    def name(self, partner_id: str, language: str = "en") -> str:
        """What a partner is called."""
        partner = self.partner(partner_id)
        return partner.named(language) if partner else partner_id

    def others(self) -> list[Partner]:
        """All partners but the operator, by id."""
        partners = self._knowledge.snapshot.content.partners
        return [partners[name] for name in sorted(partners) if name != OPERATOR]

    def ways(self, partner_id: str) -> list[Way]:
        """The ways to a partner whose addresses are set, in order: inboxes, then people on duty."""
        partner = self.partner(partner_id)
        if partner is None:
            return []
        reach = partner.reach or (_OPERATORS_WAYS if partner_id == OPERATOR else ())
        listed = [("", way) for way in reach]
        listed += [(person.name, way) for person in partner.on_duty for way in person.reach]
        return [
            Way(
                id=f"{partner_id}:{number}",
                partner=partner_id,
                channel=self._sms if way.channel == "sms" else way.channel,
                address=address,
                person=person,
                at_once=way.at_once,
                out_of_hours=way.out_of_hours,
                secret=self._addresses.get(way.secret_from or "", ""),
            )
            for number, (person, way) in enumerate(listed)
            if (address := self._addresses.get(way.address_from, ""))
        ]

    def way(self, way_id: str) -> Way | None:
        """A way by its id."""
        return next((way for way in self.ways(way_id.partition(":")[0]) if way.id == way_id), None)

    def whose(self, channel: str, address: str) -> list[Way]:
        """The ways that have this address: who writes from it is that partner."""
        channel = self._sms if channel in self._by_sms else channel
        ids = [OPERATOR, *(partner.id for partner in self.others())]
        return [way for partner_id in ids for way in self.ways(partner_id) if way.belongs_to(channel, address)]

    def webhook_secrets(self, url: str) -> list[str]:
        """Secrets to sign with for an address of a webhook."""
        return [way.secret for way in self.whose("webhook", url) if way.secret]

    def secrets(self, partner_id: str) -> list[str]:
        """Secrets that a partner may sign its requests with."""
        return [way.secret for way in self.ways(partner_id) if way.channel == "webhook" and way.secret]

    def fitting(self, case: Case) -> list[Partner]:
        """The other partners that cover a case and can be reached, those who say most precisely that they do first."""
        reachable = [p for p in self.others() if _covers(p, case) and self.ways(p.id)]
        return sorted(reachable, key=lambda p: (-_precision(p), p.id))

    def closed_until(self, partner_id: str, moment: datetime) -> datetime | None:
        """When a partner opens that is closed at `moment`; None when it is open."""
        partner = self.partner(partner_id)
        if partner is None or not partner.hours or not partner.time_zone:
            return None
        local = moment.astimezone(ZoneInfo(partner.time_zone))
        starts = []
        for back in range(-1, 8):
            day = local.date() + timedelta(days=back)
            for hours in partner.hours:
                if _DAYS[day.weekday()] not in hours.days:
                    continue
                begin, end = _span(hours, datetime.combine(day, time(), local.tzinfo))
                if begin <= local < end:
                    return None
                if begin > local:
                    starts.append(begin)
        return min(starts).astimezone(moment.tzinfo) if starts else None


def _span(hours: Open, midnight: datetime) -> tuple[datetime, datetime]:
    begin = datetime.combine(midnight.date(), time.fromisoformat(hours.opens), midnight.tzinfo)
    end = datetime.combine(midnight.date(), time.fromisoformat(hours.closes), midnight.tzinfo)
    return begin, end if end > begin else end + timedelta(days=1)


def _covers(partner: Partner, case: Case) -> bool:
    """What is not known of her excludes nobody: the partner has better means to find out."""
    asked = (
        (partner.covers.destinations, case.destination),
        (partner.covers.origins, case.origin),
        (partner.covers.languages, case.language),
        (partner.covers.kinds, case.kind if case.kind != "help" else None),
    )
    return all(not wanted or value is None or value in wanted for wanted, value in asked)


def _precision(partner: Partner) -> int:
    covers = partner.covers
    return sum(bool(part) for part in (covers.destinations, covers.origins, covers.languages, covers.kinds))


def same_address(address: str) -> str:
    """An address as it can be compared: without the blanks that people write numbers with."""
    return "".join(address.split()).removeprefix("whatsapp:").casefold()

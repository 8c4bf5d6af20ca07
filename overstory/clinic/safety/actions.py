"""All writes about alerts: raising one, and each thing that is done about it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.people.clinics import Site
from overstory.clinic.people.permissions import May
from overstory.clinic.people.persons import Person
from overstory.clinic.people.staff import Staff
from overstory.clinic.safety.ladder import Ladder, ladder
from overstory.clinic.safety.models import DISPOSITIONS, KINDS, OUTCOMES, TIERS, Alert, AlertAct
from overstory.clinic.safety.reading import state_of
from overstory.pathway.escalation import Standing, contacts_left, is_higher, standing
from overstory.pathway.escalation_values import UNSCREENED

BY_STAFF = frozenset(
    {
        "acknowledged", "contact-tried", "handed-over", "screened", "assessed", "lowered",
        "note", "closed", "followed-up", "appointed",
    }
)  # fmt: skip
AFTER_CLOSING = frozenset({"note", "followed-up", "appointed"})
FOUND_TIERS = ("none", "low", "moderate", "high", "imminent")
HANDED_ON = ("emergency-contact", "welfare-check", "emergency-services")


class AlertRefusedError(ValueError):
    """An act on an alert that is refused; the message says what would be right."""


@dataclass(frozen=True, slots=True)
class Told:
    """
    What is known beside the words of an alert.

    `answers` are what was answered (sealed), `item_9` the answer to item 9 of the PHQ-9 where the
    alert came of it; `phone` and `place` what the person gave now.
    """

    answers: Mapping[str, Any] = field(default_factory=dict)
    item_9: int | None = None
    on_site: bool = False
    phone: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: `tier`, `outcome`, `says` and `to` as the kind of act needs them."""

    kind: str
    key: uuid.UUID
    tier: str = ""
    outcome: str = ""
    says: str = ""
    to: Staff | None = None


@transaction.atomic
def raise_alert(  # noqa: PLR0913 - eight that other parts were promised, and what else is known
    *,
    person: Person | None,
    site: Site,
    kind: str,
    tier: str,
    source: str,
    says: str,
    at: datetime,
    actor: str,
    told: Told = Told(),
) -> Alert:
    """
    Raise an alert and return it, or the open one of this person that this is a repeat of.

    Within the time in which alerts count as one, a repeat is an act on the open alert; one of a
    higher tier is an act that raises it, and must be acknowledged anew. Self-injury never counts
    as a repeat of thoughts of suicide, nor the other way round. A tier that is no tier is
    `unscreened`. The same source raises nothing twice.

    :raises AlertRefusedError: if the kind is none.
    """
    if kind not in KINDS:
        raise AlertRefusedError(f"{kind!r} is no kind of alert: {', '.join(KINDS)}")
    tier = tier if tier in TIERS else "unscreened"
    known = _known(site, source, kind)
    if known is not None:
        return known
    rules = ladder()
    said = AlertAct(
        kind="repeated",
        at=at,
        any_hour=rules.at_any_hour(tier, told.item_9),
        source=_named(source, kind),
        says=says,
        answers=dict(told.answers),
    )
    alert = _open_alert(
        person, kind, at, rules.repeats_within, at_site=site if told.on_site else None
    )
    if alert is None:
        alert = Alert(site=site, person=person, kind=kind, tier=tier, source=source)
        alert.on_site, alert.raised_by = told.on_site, actor
        alert, is_new = _raised(alert, said)
    else:
        is_new = _repeat(alert, tier, said, rules)
    if is_new:
        if told.phone or told.place:
            _append(alert, AlertAct(kind="told-where", at=at, phone=told.phone, place=told.place))
        more = {"alert": str(alert.pk)}
        record(Deed(site.clinic_id, at, actor, "raised an alert", alert.about, more))
    return alert


def _known(site: Site, source: str, kind: str) -> Alert | None:
    alerts = Alert.objects.filter(clinic=site.clinic_id)
    return (
        alerts.filter(source=source, kind=kind).first()
        or alerts.filter(acts__source=_named(source, kind)).first()
    )


def _named(source: str, kind: str) -> str:
    return f"{kind}/{source}"


def _open_alert(
    person: Person | None, kind: str, at: datetime, within: timedelta, *, at_site: Site | None
) -> Alert | None:
    """
    Return, locked, the open alert that one of this kind, now, is a repeat of.

    What is said on site is a repeat only of what was said at that site: other people must act.
    """
    if person is None:
        return None
    alerts = Alert.objects.select_for_update().filter(
        closed_at=None, person_id__in=person.ids, raised_at__gt=at - within
    )
    if at_site is not None:
        alerts = alerts.filter(on_site=True, site=at_site)
    apart = alerts.filter if kind == "self-injury" else alerts.exclude
    return apart(kind="self-injury").order_by("-raised_at").first()


def _raised(alert: Alert, said: AlertAct) -> tuple[Alert, bool]:
    """Return the alert of this source, made now unless it was made at the same moment elsewhere."""
    kept, is_new = Alert.objects.get_or_create(
        clinic=alert.site.clinic,
        source=alert.source,
        kind=alert.kind,
        defaults={
            "site": alert.site,
            "person": alert.person,
            "tier": alert.tier,
            "says": said.says,
            "answers": said.answers,
            "on_site": alert.on_site,
            "any_hour": said.any_hour,
            "raised_at": said.at,
            "raised_by": alert.raised_by,
        },
    )
    if is_new:
        kind, _, who = alert.raised_by.partition(":")
        by = who if kind == "staff" else None
        _append(kept, AlertAct(kind="raised", tier=kept.tier, at=said.at, by_id=by))
    return kept, is_new


def _repeat(alert: Alert, tier: str, said: AlertAct, rules: Ladder) -> bool:
    """
    Add a repeat to an open alert; return whether it was not there yet.

    What is worse than before must be acknowledged anew.
    """
    if alert.acts.filter(source=said.source).exists():
        return False
    stands = standing(alert=state_of(alert), hours={}, ladder=rules.rungs)
    if is_higher(tier, stands.tier) or (said.any_hour and not stands.any_hour):
        said.kind, said.tier = "raised-tier", tier
    _append(alert, said)
    return True


def _append(alert: Alert, act: AlertAct) -> AlertAct:
    """Add an act as the last of its alert, which is locked until the end of the transaction."""
    Alert.objects.select_for_update().get(pk=alert.pk)
    act.alert = alert
    act.seq = alert.acts.count()
    act.save(force_insert=True)
    return act


@transaction.atomic
def tell_where(
    *, alert: Alert, phone: str, place: str, key: uuid.UUID, at: datetime, actor: str
) -> None:
    """Keep the phone number and the place that a person gave after an alert; sent twice, kept once."""
    if AlertAct.objects.filter(key=key).exists():
        return
    source = f"{actor}/{key}"
    said = AlertAct(kind="told-where", at=at, source=source, phone=phone, place=place, key=key)
    _append(alert, said)
    more = {"alert": str(alert.pk), "fields": ["phone", "place"]}
    record(Deed(alert.clinic_id, at, actor, "told where", alert.about, more))


def last_told(alert: Alert, actor: str) -> tuple[str, str]:
    """Return the newest phone number and place that this actor gave; what others gave stays theirs."""
    phone = place = ""
    for said in alert.acts.filter(kind="told-where", source__startswith=f"{actor}/").order_by(
        "seq"
    ):
        phone, place = said.phone or phone, said.place or place
    return phone, place


@transaction.atomic
def act(*, alert: Alert, done: Done, by: Staff, at: datetime) -> AlertAct:
    """
    Add what a member of staff did about an alert; the same `key` adds nothing twice.

    An assessment that finds a tier above what the assessor's roles may settle is `screened`: the
    alert goes on to those who may. One that finds less than before lowers the tier, which needs
    `May.LOWER_TIER` and a reason.

    :raises AlertRefusedError: if the act may not be done now, or by them; it says why.
    """
    Alert.objects.select_for_update().get(pk=alert.pk)
    alert.refresh_from_db(fields=["closed_at", "settled_at"])
    known = AlertAct.objects.filter(key=done.key, alert=alert).first()
    if known is not None:
        return known
    rules = ladder()
    stands = standing(alert=state_of(alert), hours={}, ladder=rules.rungs)
    kind = _kind_of(done, stands, by, rules)
    _check(alert, kind, done, stands, by)
    added = _append(
        alert,
        AlertAct(
            kind=kind,
            at=at,
            by=by,
            to_staff=done.to,
            tier=done.tier,
            outcome=done.outcome,
            says=done.says or None,
            key=done.key,
        ),
    )
    _end(alert, kind, at, rules)
    more = {"alert": str(alert.pk), "act": str(added.pk), "kind": kind}
    record(Deed(alert.clinic_id, at, f"staff:{by.pk}", "acted on an alert", alert.about, more))
    return added


def _kind_of(done: Done, stands: Standing, by: Staff, rules: Ladder) -> str:
    """Return what an assessment is: of one who may settle it, a screen, or a lowering."""
    if done.kind != "assessed":
        return done.kind
    if stands.tier != UNSCREENED and is_higher(stands.tier, done.tier):
        return "lowered"
    suits = done.tier == "none" or bool(rules.roles(done.tier) & by.role_names)
    return "assessed" if suits else "screened"


def _check(alert: Alert, kind: str, done: Done, stands: Standing, by: Staff) -> None:
    """Refuse an act that cannot be."""
    if kind not in BY_STAFF:
        raise AlertRefusedError(f"{kind!r} is nothing that staff do about an alert")
    if alert.settled_at is not None and kind != "note":
        raise AlertRefusedError("This alert is settled; raise a new one.")
    if alert.closed_at is not None and kind not in AFTER_CLOSING:
        raise AlertRefusedError("This alert is closed; raise a new one.")
    if done.tier and done.tier not in FOUND_TIERS:
        raise AlertRefusedError(f"{done.tier!r} is no tier.")
    if kind in {"assessed", "screened", "lowered"} and not done.tier:
        raise AlertRefusedError("Say which tier the assessment found.")
    if kind == "lowered" and not (by.may(May.LOWER_TIER) and done.says.strip()):
        raise AlertRefusedError(
            "Only a clinician who may lower a tier lowers it, with a written reason."
        )
    if kind == "handed-over" and (done.to is None or done.to.clinic_id != alert.clinic_id):
        raise AlertRefusedError("Say to which colleague it is handed over.")
    if kind in {"contact-tried", "followed-up"} and done.outcome not in OUTCOMES:
        raise AlertRefusedError("Say how the contact ended.")
    if kind == "closed":
        _check_closing(alert, done, stands, by)


def _check_closing(alert: Alert, done: Done, stands: Standing, by: Staff) -> None:
    if done.outcome not in DISPOSITIONS:
        raise AlertRefusedError("Say how it ended.")
    if done.outcome == "mistaken":
        if not (by.may(May.LOWER_TIER) and done.says.strip()):
            raise AlertRefusedError(
                "Only a clinician who may lower a tier closes an alert as a mistake, with a reason."
            )
        return
    if done.outcome == "no-risk-found" and stands.tier != "none":
        raise AlertRefusedError("First record the assessment that found no thoughts and no acts.")
    if stands.assessed_at is not None:
        return
    handed_on = alert.acts.filter(kind="contact-tried", outcome__in=HANDED_ON).exists()
    if not handed_on or done.outcome not in {"emergency", "inpatient", "not-reached"}:
        raise AlertRefusedError(
            "First record an assessment, or that emergency services, the emergency contact or a "
            "welfare check have it."
        )


def _end(alert: Alert, kind: str, at: datetime, rules: Ladder) -> None:
    """Mark an alert as closed, and as settled once no contact is to come."""
    if kind == "closed":
        alert.closed_at = at
    if alert.closed_at is None:
        return
    stands = standing(alert=state_of(alert), hours={}, ladder=rules.rungs)
    if alert.settled_at is None and not contacts_left(stands=stands, ladder=rules.rungs):
        alert.settled_at = at
    alert.save(update_fields=["closed_at", "settled_at"])

"""Taking a line of a worklist, and handing it over: by one press, and never by two at once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.people.models import Clinic, Staff
from overstory.clinic.worklists.models import Owned


class TakenError(ValueError):
    """A line that someone else owns since the page was shown; the message says who."""


@transaction.atomic
def give(
    *, clinic: Clinic, listed: str, row: UUID, to: Staff, seen: UUID | None, by: Staff, at: datetime
) -> Owned:
    """
    Make someone the owner of a line; who owns it already stays so.

    `seen` is the owner that the page showed, none where it showed nobody.

    :raises TakenError: if someone else owns it since.
    """
    Clinic.objects.select_for_update().get(pk=clinic.pk)  # two who press at once come one by one
    held = clinic.owned_lines.filter(listed=listed, row=row, until=None)
    now = held.select_related("owner").first()
    if now is not None and now.owner_id == to.pk:
        return now
    if now is not None and now.owner_id != seen:
        raise TakenError(f"{now.owner.name} took this a moment ago.")
    held.update(until=at)
    made = Owned.objects.create(clinic=clinic, listed=listed, row=row, owner=to, by=by, since=at)
    action = "took a line" if to.pk == by.pk else "handed a line over"
    more = {"list": listed, "row": str(row), "to": str(to.pk)}
    record(Deed(clinic.pk, at, by.actor, action, f"line:{made.pk}", more))
    return made

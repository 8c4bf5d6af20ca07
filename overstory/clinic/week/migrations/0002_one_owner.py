"""Who took a signed plan that is not booked owns its line of the worklist, and nothing besides."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

LISTED = "to-book"


def moved(apps: Any, schema: BaseDatabaseSchemaEditor) -> None:
    """Make each owner of a plan one of its line, ended by the next; the newest of both counts."""
    del schema
    owners = apps.get_model("week", "WaitingOwner").objects.exclude(plan=None)
    lines = apps.get_model("worklists", "Owned").objects
    rows = owners.select_related("plan").order_by("plan", "at", "pk")
    for plan, of_plan in groupby(rows, key=lambda each: each.plan):
        taken = list(of_plan)
        held = lines.filter(clinic=plan.clinic_id, listed=LISTED, row=plan.pk, until=None).first()
        last = held.since if held and held.since >= taken[-1].at else None
        if held and last is None:
            held.until = max(held.since, taken[-1].at)
            held.save(update_fields=["until"])
        ends = [after.at for _, after in pairwise(taken)] + [last]
        for each, until in zip(taken, ends, strict=True):
            lines.create(
                clinic_id=plan.clinic_id, listed=LISTED, row=plan.pk, owner_id=each.owner_id,
                by_id=each.owner_id, since=each.at, until=until,
            )  # fmt: skip
    owners.delete()


class Migration(migrations.Migration):
    dependencies = [("week", "0001_first"), ("worklists", "0001_first")]

    operations = [migrations.RunPython(moved, migrations.RunPython.noop)]

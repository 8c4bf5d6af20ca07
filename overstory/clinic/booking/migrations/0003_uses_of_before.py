"""What appointments occupied before uses were kept is told as uses too."""

from datetime import timedelta
from typing import Any

from django.db import migrations
from django.db.models import Max, Min

STEP = timedelta(minutes=5)


def told(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001
    """Keep one use for each seat that an appointment occupies and that has none."""
    occupancy = apps.get_model("booking", "Occupancy")
    use = apps.get_model("booking", "Use")
    rows = (
        occupancy.objects.filter(appointment__uses=None)
        .values_list("appointment", "resource", "seat")
        .annotate(first=Min("tick"), last=Max("tick"))
        .order_by("appointment", "resource", "seat")
    )
    use.objects.bulk_create(
        (
            use(
                appointment_id=appointment,
                resource_id=resource,
                seat=seat,
                starts=first,
                ends=last + STEP,
            )
            for appointment, resource, seat, first, last in rows.iterator()
        ),
        batch_size=1000,
    )


class Migration(migrations.Migration):
    dependencies = [("booking", "0002_uses_and_wishes")]

    operations = [migrations.RunPython(told, migrations.RunPython.noop)]

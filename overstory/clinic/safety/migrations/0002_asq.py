"""Alerts of the ASQ have a kind of their own; those from before stay as they were recorded."""

from django.db import migrations, models
from django.db.models import Q

KINDS = [
    ("item-9", "Answered item 9 of the PHQ-9 above zero"),
    ("cssrs", "C-SSRS screen"),
    ("asq", "ASQ screen"),
    ("self-injury", "Self-injury"),
    ("request-text", "Words in a request"),
    ("staff-raised", "Raised by staff"),
]


class Migration(migrations.Migration):
    dependencies = [("safety", "0001_first")]

    operations = [
        migrations.RemoveConstraint(model_name="alert", name="alert_kind"),
        migrations.AlterField(
            model_name="alert",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=20),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.CheckConstraint(
                condition=Q(kind__in=[code for code, _ in KINDS]), name="alert_kind"
            ),
        ),
    ]

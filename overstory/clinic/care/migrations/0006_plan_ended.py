"""How the tables of this part came about: who ended a plan, and why."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import overstory.clinic.config.sealed


class Migration(migrations.Migration):
    dependencies = [
        ("care", "0005_measures"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PlanEnded",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("words", overstory.clinic.config.sealed.SealedField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ending",
                        to="care.careplan",
                    ),
                ),
            ],
        ),
    ]

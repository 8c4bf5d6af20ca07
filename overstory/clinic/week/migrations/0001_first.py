"""How the tables of this part came about: the first."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import overstory.clinic.config.sealed


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("booking", "0001_first"),
        ("care", "0004_retractions"),
        ("people", "0001_first"),
        ("people", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Repair",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
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
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="repairs",
                        to="people.site",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RepairLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "now",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="repaired_from",
                        to="booking.appointment",
                    ),
                ),
                (
                    "repair",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="week.repair",
                    ),
                ),
                (
                    "was",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="repaired",
                        to="booking.appointment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Waiting",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("lost", "lost"), ("sooner", "sooner")], max_length=10
                    ),
                ),
                ("course", models.UUIDField(blank=True, null=True)),
                ("n", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "urgency",
                    models.CharField(
                        choices=[("urgent", "urgent"), ("soon", "soon"), ("routine", "routine")],
                        max_length=10,
                    ),
                ),
                ("reason", overstory.clinic.config.sealed.SealedField()),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_as", models.CharField(blank=True, max_length=10)),
                (
                    "appointment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waitings",
                        to="booking.appointment",
                    ),
                ),
                (
                    "clinic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waitings",
                        to="people.clinic",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waitings",
                        to="people.person",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waitings",
                        to="people.site",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["clinic", "ended_at", "made_at"], name="waiting_open")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ("lost", "sooner")),
                            ("urgency__in", ("urgent", "soon", "routine")),
                        ),
                        name="waiting_sound",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_as", ""), ("ended_at", None), ("ended_by", None)),
                            models.Q(
                                ("ended_as__in", ("moved", "booked", "withdrawn")),
                                ("ended_at__isnull", False),
                                ("ended_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="waiting_ends_by_someone",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("appointment", "kind"),
                        name="waiting_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WaitingOwner",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waiting_owners",
                        to="care.careplan",
                    ),
                ),
                (
                    "waiting",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="owners",
                        to="week.waiting",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["waiting", "at"], name="waiting_owner_newest"),
                    models.Index(fields=["plan", "at"], name="waiting_owner_of_plan"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("plan", None), ("waiting__isnull", False)),
                            models.Q(("plan__isnull", False), ("waiting", None)),
                            _connector="OR",
                        ),
                        name="waiting_owner_of_one",
                    )
                ],
            },
        ),
    ]

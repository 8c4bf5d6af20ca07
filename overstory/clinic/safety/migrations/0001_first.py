"""How the tables of this part came about: the first."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import overstory.clinic.config.sealed


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_first"),
        ("people", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="WorkerBeat",
            fields=[
                ("worker", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="Alert",
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
                        choices=[
                            ("item-9", "Answered item 9 of the PHQ-9 above zero"),
                            ("cssrs", "C-SSRS screen"),
                            ("self-injury", "Self-injury"),
                            ("request-text", "Words in a request"),
                            ("staff-raised", "Raised by staff"),
                        ],
                        max_length=20,
                    ),
                ),
                ("tier", models.CharField(max_length=12)),
                ("source", models.CharField(max_length=120)),
                ("says", overstory.clinic.config.sealed.SealedField()),
                ("answers", overstory.clinic.config.sealed.SealedJSONField(default=dict)),
                ("on_site", models.BooleanField(default=False)),
                ("any_hour", models.BooleanField(default=True)),
                ("raised_at", models.DateTimeField()),
                ("raised_by", models.CharField(max_length=80)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "clinic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alerts",
                        to="people.clinic",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alerts",
                        to="people.person",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alerts",
                        to="people.site",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("settled_at", None)),
                        fields=["clinic", "raised_at"],
                        name="alert_watched",
                    ),
                    models.Index(fields=["clinic", "-raised_at"], name="alert_by_time"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("clinic", "source", "kind"), name="alert_once_a_source"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                ["item-9", "cssrs", "self-injury", "request-text", "staff-raised"],
                            )
                        ),
                        name="alert_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("settled_at", None), ("closed_at__isnull", False), _connector="OR"
                        ),
                        name="alert_settled_after_closed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AlertAct",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("seq", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("raised", "Raised"),
                            ("raised-tier", "Raised to a higher tier"),
                            ("repeated", "Reported again"),
                            ("told-where", "Gave a phone number and place"),
                            ("acknowledged", "Acknowledged"),
                            ("contact-tried", "Tried to reach the person"),
                            ("handed-over", "Handed over"),
                            ("screened", "Screened; someone else must assess"),
                            ("assessed", "Assessed"),
                            ("lowered", "Tier lowered by a clinician"),
                            ("note", "Note"),
                            ("closed", "Closed"),
                            ("followed-up", "Follow-up contact"),
                            ("appointed", "Appointment made"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("tier", models.CharField(blank=True, max_length=12)),
                ("outcome", models.CharField(blank=True, max_length=20)),
                ("any_hour", models.BooleanField(default=False)),
                ("source", models.CharField(blank=True, max_length=140)),
                ("says", overstory.clinic.config.sealed.SealedField(null=True)),
                ("answers", overstory.clinic.config.sealed.SealedJSONField(null=True)),
                ("phone", overstory.clinic.config.sealed.SealedField(null=True)),
                ("place", overstory.clinic.config.sealed.SealedField(null=True)),
                ("key", models.UUIDField(default=uuid.uuid4, unique=True)),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acts",
                        to="safety.alert",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alert_acts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "to_staff",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "raised",
                                    "raised-tier",
                                    "repeated",
                                    "told-where",
                                    "acknowledged",
                                    "contact-tried",
                                    "handed-over",
                                    "screened",
                                    "assessed",
                                    "lowered",
                                    "note",
                                    "closed",
                                    "followed-up",
                                    "appointed",
                                ],
                            )
                        ),
                        name="alert_act_kind",
                    ),
                    models.UniqueConstraint(fields=("alert", "seq"), name="alert_acts_in_order"),
                    models.UniqueConstraint(
                        condition=models.Q(("source", ""), _negated=True),
                        fields=("alert", "source"),
                        name="alert_act_once_a_source",
                    ),
                ],
            },
        ),
    ]

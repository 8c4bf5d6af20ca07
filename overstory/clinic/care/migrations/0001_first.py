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
            name="Adoption",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.CharField(max_length=20)),
                ("sha256", models.CharField(max_length=64)),
                ("policy", models.TextField(blank=True)),
                ("policy_sha256", models.CharField(max_length=64)),
                ("entries", models.JSONField(default=dict)),
                ("words", models.TextField()),
                ("at", models.DateTimeField()),
                ("seal", models.CharField(max_length=64)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adoptions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "clinic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adoptions",
                        to="people.clinic",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["clinic", "-at"], name="adoption_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("words", ""), _negated=True), name="adoption_has_words"
                    ),
                    models.UniqueConstraint(fields=("clinic", "at"), name="adoption_one_at_a_time"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Assessment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("jurisdiction", models.CharField(max_length=2)),
                ("knowledge_version", models.CharField(max_length=20)),
                ("knowledge_sha256", models.CharField(max_length=64)),
                ("content", overstory.clinic.config.sealed.SealedJSONField()),
                ("answer_sha256", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "adoption",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments",
                        to="care.adoption",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["person", "-at"], name="assessment_newest")],
            },
        ),
        migrations.CreateModel(
            name="CarePlan",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("course", models.UUIDField()),
                ("n", models.PositiveSmallIntegerField(default=1)),
                ("treatment", models.CharField(max_length=20)),
                ("starts_on", models.DateField()),
                ("content", overstory.clinic.config.sealed.SealedJSONField()),
                ("content_sha256", models.CharField(max_length=64)),
                ("knowledge_version", models.CharField(max_length=20)),
                ("knowledge_sha256", models.CharField(max_length=64)),
                ("drafted_at", models.DateTimeField()),
                ("signed_at", models.DateTimeField(null=True)),
                ("meaning", models.CharField(blank=True, max_length=200)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "adoption",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plans",
                        to="care.adoption",
                    ),
                ),
                (
                    "clinic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plans",
                        to="people.clinic",
                    ),
                ),
                (
                    "drafted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plans",
                        to="people.person",
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["clinic", "signed_at", "drafted_at"], name="plan_unsigned")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("course", "n"), name="plan_version_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("signed_at", None), ("signed_by", None)),
                            models.Q(
                                ("adoption__isnull", False),
                                ("signed_at__isnull", False),
                                ("signed_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="plan_signed_under_adopted_knowledge",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportedRecord",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", overstory.clinic.config.sealed.SealedField()),
                ("content", overstory.clinic.config.sealed.SealedField()),
                ("sha256", models.CharField(max_length=64)),
                ("bytes", models.PositiveIntegerField()),
                ("zone", models.CharField(max_length=60)),
                ("at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("left_at", models.DateTimeField(blank=True, null=True)),
                (
                    "accepted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imported_records",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["person", "-at"], name="imported_newest")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "sha256"), name="imported_record_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("accepted_at", None), ("left_at", None), _connector="OR"
                        ),
                        name="imported_accepted_or_left",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("draft", overstory.clinic.config.sealed.SealedJSONField()),
                ("knowledge_sha256", models.CharField(max_length=64)),
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
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["person", "-at"], name="note_newest")],
            },
        ),
        migrations.CreateModel(
            name="NoteVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("words", overstory.clinic.config.sealed.SealedField()),
                ("at", models.DateTimeField()),
                ("signed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "note",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="care.note",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("note", "number"), name="note_version_once"),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="note_version_from_one"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StatedFact",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("value", overstory.clinic.config.sealed.SealedJSONField(null=True)),
                ("unknown", models.CharField(blank=True, max_length=20)),
                ("at", models.DateTimeField()),
                ("origin", models.CharField(max_length=300)),
                ("recorded_at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "imported",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="facts",
                        to="care.importedrecord",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stated_facts",
                        to="people.person",
                    ),
                ),
                (
                    "retracts",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retracted_by",
                        to="care.statedfact",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["person", "name", "at"], name="stated_by_name"),
                    models.Index(fields=["person", "-recorded_at"], name="stated_newest"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("unknown__in", ["not-answered", "not-recorded", "conflicting"]),
                                ("value", None),
                            ),
                            models.Q(("unknown", ""), ("value__isnull", False)),
                            models.Q(("retracts__isnull", False), ("unknown", ""), ("value", None)),
                            _connector="OR",
                        ),
                        name="stated_fact_known_or_why_not",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("at__lte", models.F("recorded_at"))),
                        name="stated_fact_past",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("retracts", None),
                            models.Q(("retracts", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="stated_fact_not_itself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StatedTrial",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("trial", overstory.clinic.config.sealed.SealedJSONField(null=True)),
                ("is_whole", models.BooleanField(default=False)),
                ("origin", models.CharField(max_length=300)),
                ("recorded_at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stated_trials",
                        to="people.person",
                    ),
                ),
                (
                    "retracts",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retracted_by",
                        to="care.statedtrial",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["person", "recorded_at"], name="stated_trial_order")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("trial__isnull", False), ("retracts__isnull", False), _connector="OR"
                        ),
                        name="stated_trial_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("retracts", None),
                            models.Q(("retracts", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="stated_trial_not_itself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WrittenReason",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("rule", models.CharField(max_length=120)),
                ("treatment", models.CharField(max_length=20)),
                ("goes_on", models.BooleanField()),
                ("words", overstory.clinic.config.sealed.SealedField()),
                ("because", overstory.clinic.config.sealed.SealedJSONField()),
                ("knowledge_sha256", models.CharField(max_length=64)),
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
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="written_reasons",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["person", "rule", "-at"], name="reason_newest")],
            },
        ),
    ]

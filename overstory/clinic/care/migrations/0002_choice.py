"""How the tables of this part came about: choice and consent."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import overstory.clinic.config.sealed


class Migration(migrations.Migration):
    dependencies = [
        ("care", "0001_first"),
        ("people", "0001_first"),
        ("people", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChoiceLink",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("consumed_at", models.DateTimeField(blank=True, null=True)),
                ("browser_hash", models.CharField(blank=True, max_length=64)),
                ("wrong_birth_dates", models.PositiveSmallIntegerField(default=0)),
                ("locked_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "made_by",
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
                        related_name="choice_links",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None)),
                        fields=("person",),
                        name="choice_link_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("browser_hash", ""), ("consumed_at", None)),
                            models.Q(
                                ("consumed_at__isnull", False),
                                models.Q(("browser_hash", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="choice_link_consumed_by_a_browser",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("made_at__lt", models.F("expires_at"))),
                        name="choice_link_made_before_expiry",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChoiceSaid",
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
                            ("values", "values"),
                            ("before", "before"),
                            ("after", "after"),
                            ("question", "question"),
                        ],
                        max_length=10,
                    ),
                ),
                ("content", overstory.clinic.config.sealed.SealedJSONField()),
                ("at", models.DateTimeField()),
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
                    "link",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="care.choicelink",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="choice_said",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["person", "-at"], name="choice_said_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("by__isnull", False), ("link", None)),
                            models.Q(("by", None), ("link__isnull", False)),
                            _connector="OR",
                        ),
                        name="choice_said_by_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ("values", "before", "after", "question"))),
                        name="choice_said_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("document", models.CharField(max_length=60)),
                ("treatment", models.CharField(max_length=20)),
                ("route", models.CharField(max_length=20)),
                ("jurisdiction", models.CharField(max_length=2)),
                ("version", models.CharField(max_length=20)),
                ("language", models.CharField(max_length=2)),
                ("text", overstory.clinic.config.sealed.SealedJSONField()),
                ("text_sha256", models.CharField(max_length=64)),
                ("knowledge_version", models.CharField(max_length=20)),
                ("knowledge_sha256", models.CharField(max_length=64)),
                (
                    "signer",
                    models.CharField(
                        choices=[("self", "self"), ("representative", "representative")],
                        max_length=20,
                    ),
                ),
                ("typed_name", models.CharField(max_length=120)),
                ("relation", models.CharField(blank=True, max_length=60)),
                ("authority", overstory.clinic.config.sealed.SealedField()),
                ("meaning", models.TextField()),
                (
                    "how_read",
                    models.CharField(
                        choices=[
                            ("read", "read"),
                            ("read-aloud", "read-aloud"),
                            ("interpreter", "interpreter"),
                        ],
                        max_length=20,
                    ),
                ),
                ("witness_name", models.CharField(blank=True, max_length=120)),
                ("has_capacity", models.BooleanField()),
                ("capacity_words", overstory.clinic.config.sealed.SealedField()),
                ("teach_back", overstory.clinic.config.sealed.SealedField()),
                ("copy_given", models.BooleanField()),
                ("signed_at", models.DateTimeField()),
                (
                    "clinician",
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
                        related_name="consents",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["person", "treatment", "-signed_at"], name="consent_newest"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("has_capacity", True)), name="consent_with_capacity"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("typed_name", ""), _negated=True),
                            models.Q(("meaning", ""), _negated=True),
                        ),
                        name="consent_signed_in_words",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("signer", "self"),
                            models.Q(("relation", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="consent_representative_is_named",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsentWithdrawal",
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
                    "consent",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawal",
                        to="care.consent",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Choice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("is_wish", models.BooleanField(default=False)),
                ("option", models.CharField(max_length=20)),
                ("look_again_on", models.DateField(blank=True, null=True)),
                ("verdict", models.CharField(blank=True, max_length=20)),
                ("present", overstory.clinic.config.sealed.SealedJSONField()),
                ("staff_present", models.JSONField()),
                ("discussed", overstory.clinic.config.sealed.SealedField()),
                ("importance", overstory.clinic.config.sealed.SealedJSONField(null=True)),
                ("knowledge_version", models.CharField(max_length=20)),
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
                        related_name="choices",
                        to="people.person",
                    ),
                ),
                (
                    "supersedes",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="superseded_by",
                        to="care.choice",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["person", "-at"], name="choice_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("look_again_on__isnull", False), ("option", "not-yet")),
                            models.Q(
                                models.Q(("option", "not-yet"), _negated=True),
                                ("look_again_on", None),
                            ),
                            _connector="OR",
                        ),
                        name="choice_not_yet_has_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("supersedes", None),
                            models.Q(
                                models.Q(("supersedes", models.F("id")), _negated=True),
                                ("is_wish", False),
                            ),
                            _connector="OR",
                        ),
                        name="choice_supersedes_another",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_wish", False), ("supersedes", None)),
                        fields=("person",),
                        name="choice_one_first",
                    ),
                ],
            },
        ),
    ]

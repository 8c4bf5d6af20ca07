"""How the tables of this part came about: the first."""

import uuid

import django.db.models.deletion
import django.db.models.functions.text
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
            name="CareRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "asker",
                    models.CharField(
                        choices=[
                            ("self", "The person"),
                            ("relative", "Someone close to them"),
                            ("professional", "A professional"),
                            ("staff", "Our staff"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("depression", "Depression"),
                            ("anxiety", "Anxiety"),
                            ("ptsd", "Trauma (PTSD)"),
                            ("ocd", "OCD"),
                            ("bipolar", "Bipolar disorder"),
                            ("pain", "Pain"),
                            ("self-harm", "Self-harm or thoughts of suicide"),
                            ("other", "Something else"),
                        ],
                        max_length=12,
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("called", models.CharField(blank=True, max_length=60)),
                ("birth_date", models.DateField(blank=True, null=True)),
                ("phone", models.CharField(blank=True, max_length=40)),
                (
                    "phone_digits",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Replace(
                            django.db.models.functions.text.Replace(
                                django.db.models.functions.text.Replace(
                                    django.db.models.functions.text.Replace(
                                        django.db.models.functions.text.Replace(
                                            django.db.models.functions.text.Replace(
                                                django.db.models.functions.text.Replace(
                                                    models.F("phone"),
                                                    models.Value(" "),
                                                    models.Value(""),
                                                ),
                                                models.Value("-"),
                                                models.Value(""),
                                            ),
                                            models.Value("("),
                                            models.Value(""),
                                        ),
                                        models.Value(")"),
                                        models.Value(""),
                                    ),
                                    models.Value("."),
                                    models.Value(""),
                                ),
                                models.Value("/"),
                                models.Value(""),
                            ),
                            models.Value("+"),
                            models.Value(""),
                        ),
                        output_field=models.CharField(max_length=40),
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("prefers", models.CharField(default="phone", max_length=10)),
                ("language", models.CharField(default="en", max_length=2)),
                ("asker_name", models.CharField(blank=True, max_length=120)),
                ("asker_phone", models.CharField(blank=True, max_length=40)),
                ("asker_relation", models.CharField(blank=True, max_length=60)),
                ("is_agreed", models.BooleanField(null=True)),
                ("words", overstory.clinic.config.sealed.SealedField(null=True)),
                ("emergency_contact", overstory.clinic.config.sealed.SealedField(null=True)),
                ("place", overstory.clinic.config.sealed.SealedField(null=True)),
                ("received_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("late_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("registered", "Registered"),
                            ("not-reached", "Could not be reached"),
                            ("withdrew", "Does not want care now"),
                            ("elsewhere", "Goes elsewhere"),
                            ("duplicate", "The same as another request"),
                        ],
                        max_length=12,
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "clinic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="care_requests",
                        to="people.clinic",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="care_requests",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="care_requests",
                        to="people.person",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="care_requests",
                        to="people.site",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["clinic", "closed_at", "due_at"], name="care_request_due")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("due_at__lte", models.F("late_at")),
                            ("received_at__lte", models.F("due_at")),
                        ),
                        name="care_request_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("outcome", "")),
                            models.Q(
                                models.Q(("closed_at", None), _negated=True),
                                models.Q(("outcome", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="care_request_closed_with_outcome",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("to", overstory.clinic.config.sealed.SealedField()),
                ("subject", overstory.clinic.config.sealed.SealedField()),
                ("text", overstory.clinic.config.sealed.SealedField()),
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
                        related_name="letters",
                        to="people.person",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Questionnaire",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("pack", models.CharField(max_length=40)),
                ("made_at", models.DateTimeField()),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "clinic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questionnaires",
                        to="people.clinic",
                    ),
                ),
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
                        related_name="questionnaires",
                        to="people.person",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questionnaires",
                        to="people.site",
                    ),
                ),
                (
                    "submitted_by",
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
                "indexes": [
                    models.Index(fields=["clinic", "-made_at"], name="questionnaire_by_time"),
                    models.Index(fields=["person", "-made_at"], name="questionnaire_by_person"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("submitted_at", None),
                            ("submitted_at__gte", models.F("made_at")),
                            _connector="OR",
                        ),
                        name="questionnaire_made_before_submitted",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IntakeLink",
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
                ("withheld", models.CharField(blank=True, max_length=40)),
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
                    "questionnaire",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="intake.questionnaire",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None)),
                        fields=("questionnaire",),
                        name="link_one_at_a_time",
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
                        name="link_consumed_by_a_browser",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("made_at__lt", models.F("expires_at"))),
                        name="link_made_before_expiry",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("question", models.CharField(max_length=80)),
                ("value", overstory.clinic.config.sealed.SealedJSONField()),
                ("at", models.DateTimeField()),
                ("is_correction", models.BooleanField(default=False)),
                ("language", models.CharField(default="en", max_length=2)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "questionnaire",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="intake.questionnaire",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("questionnaire", "number"), name="answer_one_a_number"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_correction", False), ("by__isnull", False), _connector="OR"
                        ),
                        name="answer_corrected_by_staff",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RequestStep",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("taken", "Taken"),
                            ("given", "Given to"),
                            ("tried", "Tried to reach"),
                            ("noted", "Note"),
                            ("visit", "Visit booked"),
                            ("registered", "Registered"),
                            ("closed", "Closed"),
                            ("opened-again", "Opened again"),
                        ],
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("words", overstory.clinic.config.sealed.SealedField(null=True)),
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
                    "care_request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="intake.carerequest",
                    ),
                ),
                (
                    "to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=8)),
                ("name", overstory.clinic.config.sealed.SealedField()),
                ("content", overstory.clinic.config.sealed.SealedBytesField()),
                ("bytes", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "care_request",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uploads",
                        to="intake.carerequest",
                    ),
                ),
                (
                    "clinic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uploads",
                        to="people.clinic",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uploads",
                        to="people.person",
                    ),
                ),
            ],
        ),
    ]

"""Consent: the exact text, signed with capacity and a clear head, standing until it ends or is taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from overstory.clinic.audit.models import Entry
from overstory.clinic.care import consenting_actions as actions
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.consenting import shown_text, signed_consent, standing
from overstory.clinic.care.consenting_rows import Consent, ConsentWithdrawal
from overstory.clinic.people.permissions import Role
from tests.clinic.knowing import adopt_running, go_on, state, state_example

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""Monday, 10:00 in New York."""
NEXT_DAY = AT + timedelta(days=1)


@pytest.fixture
def now():
    with time_machine.travel(AT, tick=False):
        yield AT


@pytest.fixture
def sam(person):
    state_example(person, AT - timedelta(hours=1), name="sam")
    return person


@pytest.fixture
def force(clinic, staff):
    adopt_running(clinic, staff(Role.MEDICAL_DIRECTOR), AT - timedelta(hours=2))
    return in_force(clinic)


@pytest.fixture
def nurse(staff):
    return staff(Role.NURSE, name="Nora Nurse")


@pytest.fixture
def desk(nurse, signed_in):
    """A client of the nurse, with a second factor given a moment ago."""
    client = signed_in(who=nurse)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": AT.timestamp()}]
    session["account_authentication_methods_user"] = str(nurse.pk)
    session.save()
    return client


def signing(person, force, treatment="esketamine", language="en", **more) -> actions.Signing:
    shown = shown_text(
        person=person, treatment=treatment, language=language, knowledge=force.knowledge
    )
    known = actions.Signing(
        key=uuid4(), treatment=treatment, route=shown.document.routes[0], language=language,
        sha256=shown.sha256, typed_name="Maya Fields", signer="self", how_read="read",
        has_capacity=True, capacity_words="Weighs it and says a choice.",
        teach_back="A spray, I may feel odd, no driving.", dose_today=False, copy_given=True,
    )  # fmt: skip
    return replace(known, **more)


def sign(person, force, by, at=AT, **more) -> Consent:
    return actions.sign(
        person=person, signing=signing(person, force, **more), force=force, by=by, at=at
    )


def refused(person, force, by, **more) -> str:
    with pytest.raises(actions.NotSignableError) as error:
        sign(person, force, by, **more)
    assert not Consent.objects.exists()
    return str(error.value)


def form_of(person, force, treatment="esketamine", **more):
    made = signing(person, force, treatment)
    return {
        "key": str(made.key), "sha256": made.sha256, "language": "en", "route": made.route,
        "how_read": "read", "has_capacity": "yes", "capacity_words": "Weighs it.",
        "teach_back": "A spray.", "dose_today": "no", "copy_given": "on", "signer": "self",
        "typed_name": "maya  fields", **more,
    }  # fmt: skip


def test_a_signature_keeps_the_exact_text_with_its_hash(now, sam, force, nurse):
    row = sign(sam, force, nurse)

    row.refresh_from_db()
    shown = shown_text(person=sam, treatment="esketamine", language="en", knowledge=force.knowledge)
    assert row.text == shown.content
    assert row.text_sha256 == shown.sha256
    assert (row.version, row.language, row.jurisdiction) == ("1", "en", "US")
    assert row.meaning.startswith("I have read this text")
    assert (row.clinician, row.signed_at, row.has_capacity) == (nurse, AT, True)
    entry = Entry.objects.get(action="took a consent")
    assert entry.more["sha256"] == row.text_sha256
    assert "spray" not in str(entry.more)


def test_a_signature_counts_for_sessions_of_later_days_alone(now, sam, force, nurse):
    """No signing on a dosing day (capacity): site policy of the clinical dossier on measures, 6.3."""
    row = sign(sam, force, nurse)

    assert standing(sam, "esketamine", AT) is None
    assert standing(sam, "esketamine", AT + timedelta(hours=12)) is None
    assert standing(sam, "esketamine", NEXT_DAY) == row
    assert standing(sam, "tms", NEXT_DAY) is None
    assert standing(sam, "esketamine", AT - timedelta(days=1)) is None


def test_for_tms_it_counts_for_sessions_after_it(now, sam, force, nurse):
    row = sign(sam, force, nurse, treatment="tms")

    assert standing(sam, "tms", AT) is None
    assert standing(sam, "tms", AT + timedelta(minutes=30)) == row


def test_a_day_ends_at_midnight_of_the_site(now, sam, force, nurse):
    """23:30 in New York is 04:30 of the next day in UTC, and still the same day there."""
    late = datetime(2026, 11, 24, 4, 30, tzinfo=UTC)
    row = sign(sam, force, nurse, at=late)

    assert standing(sam, "esketamine", late + timedelta(minutes=20)) is None
    assert standing(sam, "esketamine", late + timedelta(minutes=31)) == row


def test_after_twelve_months_it_is_given_again(now, sam, force, nurse):
    """Re-consent every 12 months: site policy of the clinical dossier on measures, 7.1."""
    row = sign(sam, force, nurse)

    assert standing(sam, "esketamine", datetime(2027, 11, 23, 14, 59, tzinfo=UTC)) == row
    assert standing(sam, "esketamine", datetime(2027, 11, 23, 15, 0, tzinfo=UTC)) is None


def test_another_route_asks_for_another_signature(now, sam, force, nurse):
    first = sign(sam, force, nurse, treatment="kap", route="SL")

    assert standing(sam, "kap", NEXT_DAY, route="SL") == first
    assert standing(sam, "kap", NEXT_DAY, route="IM") is None

    second = sign(sam, force, nurse, treatment="kap", route="IM", at=AT + timedelta(hours=1))

    assert standing(sam, "kap", NEXT_DAY, route="IM") == second
    assert standing(sam, "kap", NEXT_DAY, route="SL") is None


def test_a_withdrawal_holds_from_its_moment(now, sam, force, nurse):
    row = sign(sam, force, nurse)
    later = AT + timedelta(days=3)

    actions.withdraw(consent=row, words="I changed my mind.", by=nurse, at=later)
    actions.withdraw(consent=row, words="Again.", by=nurse, at=later + timedelta(days=1))

    assert ConsentWithdrawal.objects.get().words == "I changed my mind."
    assert standing(sam, "esketamine", later - timedelta(minutes=1)) == row
    assert standing(sam, "esketamine", later) is None
    assert standing(sam, "esketamine", later + timedelta(days=30)) is None


def test_one_withdrawn_gives_way_to_no_older_one(now, sam, force, nurse):
    sign(sam, force, nurse)
    newer = sign(sam, force, nurse, at=AT + timedelta(days=1))

    actions.withdraw(consent=newer, words="", by=nurse, at=AT + timedelta(days=2))

    assert standing(sam, "esketamine", AT + timedelta(days=5)) is None


def test_one_signed_on_the_day_of_a_session_leaves_the_one_before_in_force(now, sam, force, nurse):
    first = sign(sam, force, nurse)
    sign(sam, force, nurse, at=AT + timedelta(days=7))

    assert standing(sam, "esketamine", AT + timedelta(days=7, hours=2)) == first


def test_a_text_that_was_changed_after_signing_stands_for_nothing(now, sam, force, nurse):
    row = sign(sam, force, nurse)
    row.text = {**row.text, "title": "Something else"}
    row.save()

    assert standing(sam, "esketamine", NEXT_DAY) is None
    assert not signed_consent(row, sam, force=force, at=NEXT_DAY).is_whole


def test_another_version_is_shown_as_such_and_still_counts(now, sam, force, nurse, desk):
    row = sign(sam, force, nurse)
    older = {**row.text, "version": "0"}
    from overstory.exchange.content_hash import content_sha256

    row.text, row.text_sha256, row.version = older, content_sha256(older), "0"
    row.save()

    page = desk.get(reverse("consents", args=(sam.pk,))).content.decode()

    assert "another version than the one in use" in page
    assert standing(sam, "esketamine", NEXT_DAY) == row


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"has_capacity": False}, "capacity"),
        ({"has_capacity": None}, "capacity"),
        ({"teach_back": " "}, "said back"),
        ({"capacity_words": ""}, "said back"),
        ({"dose_today": True}, "another day"),
        ({"dose_today": None}, "sedating dose"),
        ({"route": "by mouth"}, "route"),
        ({"typed_name": "Somebody Else"}, "Maya Fields"),
        ({"typed_name": ""}, "Maya Fields"),
        ({"sha256": "0" * 64}, "changed"),
        ({"how_read": "read-aloud"}, "witness"),
        ({"how_read": "interpreter", "witness_name": "MAYA FIELDS"}, "somebody else"),
        ({"signer": "representative"}, "relation"),
        (
            {"signer": "representative", "relation": "mother", "authority": "court order"},
            "witness",
        ),
    ],
)
def test_what_is_wrong_or_not_known_is_not_signed(now, sam, force, nurse, more, says):
    assert says in refused(sam, force, nurse, **more)


def test_a_representative_signs_with_a_witness(now, sam, force, nurse):
    row = sign(
        sam, force, nurse, signer="representative", typed_name="Rosa Fields", relation="mother",
        authority="Court order seen today", witness_name="Will Witness",
    )  # fmt: skip

    assert (row.signer, row.typed_name, row.witness_name) == (
        "representative", "Rosa Fields", "Will Witness",
    )  # fmt: skip


def test_accents_and_case_do_not_make_another_name(now, sam, force, nurse):
    sam.legal_name = "José Ángel Muñoz"
    sam.save()

    assert sign(sam, force, nurse, typed_name="jose  angel munoz").typed_name == "jose angel munoz"


def test_a_record_that_says_no_capacity_stands_against_it(now, sam, force, nurse):
    state(sam, AT, can_consent=False)

    assert "cannot consent" in refused(sam, force, nurse)


def test_nothing_is_signed_before_the_knowledge_is_adopted(now, sam, nurse):
    assert "not adopted" in refused(sam, in_force(sam.clinic), nurse)


def test_nothing_is_signed_on_the_day_of_a_planned_dose(now, sam, force, staff):
    from overstory.clinic.care import planning_actions
    from overstory.clinic.care.planned import CarePlan

    doctor = staff(Role.PSYCHIATRIST)
    wish = planning_actions.Wish(
        id=uuid4(), treatment="esketamine", start=(AT + timedelta(days=7)).date()
    )
    plan = planning_actions.draft(person=sam, wish=wish, by=doctor, at=AT)
    go_on(sam, doctor, AT)
    planning_actions.sign(plan=plan, sha256_seen=plan.content_sha256, by=doctor, at=AT)
    assert CarePlan.objects.get().signed_at
    first = datetime.fromisoformat(f"{plan.content['sessions'][0]['date']}T15:00:00+00:00")

    with pytest.raises(actions.NotSignableError, match="another day"):
        sign(sam, force, doctor, treatment="tms", at=first)
    assert sign(sam, force, doctor, treatment="tms", at=first - timedelta(days=1))


def test_signed_twice_from_one_page_is_one(now, sam, force, nurse):
    one = signing(sam, force)

    rows = [actions.sign(person=sam, signing=one, force=force, by=nurse, at=AT) for _ in range(2)]

    assert rows[0] == rows[1]
    assert Consent.objects.count() == 1
    assert Entry.objects.filter(action="took a consent").count() == 1


def test_the_database_keeps_no_signature_without_capacity(now, sam, nurse, force):
    row = sign(sam, force, nurse)

    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.filter(pk=row.pk).update(has_capacity=False)


def test_what_the_person_said_back_is_sealed(now, sam, force, nurse):
    from django.db import connection

    sign(sam, force, nurse, teach_back="I may see violet foxes.")

    with connection.cursor() as cursor:
        cursor.execute("SELECT teach_back FROM care_consent")
        held = cursor.fetchone()[0]
    assert b"foxes" not in bytes(held)


def test_it_is_signed_by_the_form_with_a_fresh_second_factor(now, sam, force, desk, nurse):
    answer = desk.post(
        reverse("consent_sign", args=(sam.pk, "esketamine")), form_of(sam, force), follow=True
    )

    row = Consent.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("consent", args=(sam.pk, row.pk))
    page = answer.content.decode()
    assert "signed: counts from the next day" in page
    assert row.text_sha256 in page


def test_without_a_fresh_second_factor_nothing_is_signed(now, sam, force, signed_in, nurse):
    answer = signed_in(who=nurse).post(
        reverse("consent_sign", args=(sam.pk, "esketamine")), form_of(sam, force)
    )

    assert answer.status_code == 403
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    "missing", ["has_capacity", "dose_today", "copy_given", "teach_back", "route"]
)
def test_a_form_without_an_answer_is_not_signed(now, sam, force, desk, missing):
    form = form_of(sam, force, "kap")
    del form[missing]

    answer = desk.post(reverse("consent_sign", args=(sam.pk, "kap")), form)

    assert answer.status_code == 422
    assert not Consent.objects.exists()


def test_not_sure_of_capacity_is_no_capacity(now, sam, force, desk):
    answer = desk.post(
        reverse("consent_sign", args=(sam.pk, "esketamine")),
        form_of(sam, force, has_capacity="unsure"),
    )

    assert answer.status_code == 422
    assert not Consent.objects.exists()


def test_the_text_is_shown_and_signed_in_spanish(now, sam, force, desk):
    sam.language = "es"
    sam.save()

    page = desk.get(reverse("consent_sign", args=(sam.pk, "tms"))).content.decode()

    assert "Consentimiento para el tratamiento" in page
    assert "norma de la clínica" in page
    made = signing(sam, force, "tms", "es")
    answer = desk.post(
        reverse("consent_sign", args=(sam.pk, "tms")),
        {**form_of(sam, force, "tms"), "language": "es", "sha256": made.sha256},
    )
    assert answer.status_code == 302
    assert Consent.objects.get().meaning.startswith("He leído este texto")


def test_the_list_says_that_nobody_reviewed_the_texts_and_what_is_site_policy(
    now, sam, force, desk
):
    page = desk.get(reverse("consents", args=(sam.pk,))).content.decode()
    text = desk.get(reverse("consent_sign", args=(sam.pk, "kap"))).content.decode()

    assert "No clinician and no lawyer has reviewed these texts." in page
    assert text.count("clinic policy") > 5
    assert "No clinician and no lawyer has reviewed this text." in text


def test_where_there_is_no_document_there_is_nothing_to_sign(now, stranger, staff, signed_in):
    """The clinic of the stranger is in the EU; the documents are of the US."""
    client = signed_in(Role.NURSE, of=stranger.clinic)

    page = client.get(reverse("consents", args=(stranger.pk,))).content.decode()

    assert page.count("none for EU") == 5
    assert client.get(reverse("consent_sign", args=(stranger.pk, "tms"))).status_code == 404
    assert standing(stranger, "tms", NEXT_DAY) is None


@pytest.mark.parametrize(
    ("role", "sees", "signs"),
    [
        (Role.PSYCHIATRIST, 200, 200), (Role.MEDICAL_DIRECTOR, 200, 200), (Role.NURSE, 200, 200),
        (Role.THERAPIST, 200, 404), (Role.COORDINATOR, 200, 404), (Role.TECHNICIAN, 200, 404),
        (Role.MANAGER, 404, 404), (Role.AUDITOR, 404, 404),
    ],
)  # fmt: skip
def test_who_may_see_and_take_consents(now, sam, force, signed_in, role, sees, signs):
    client = signed_in(role)

    assert client.get(reverse("consents", args=(sam.pk,))).status_code == sees
    assert client.get(reverse("consent_sign", args=(sam.pk, "tms"))).status_code == signs


def test_anyone_in_care_writes_a_withdrawal_down(now, sam, force, nurse, signed_in):
    row = sign(sam, force, nurse)
    client = signed_in(Role.TECHNICIAN)

    for _ in range(2):
        client.post(reverse("consent_withdraw", args=(sam.pk, row.pk)), {"words": "No more."})

    assert ConsentWithdrawal.objects.get().words == "No more."
    assert "withdrawn" in client.get(reverse("consents", args=(sam.pk,))).content.decode()


def test_another_persons_and_clinics_consents_are_not_there(
    now, sam, force, nurse, clinic, site, desk, stranger
):
    from tests.clinic.conftest import make_person

    other = make_person(clinic, site, legal_name="Olga Other", called="")
    row = sign(other, force, nurse, typed_name="Olga Other")

    for person in (sam, stranger):
        answer = desk.get(reverse("consent", args=(person.pk, row.pk)))
        assert answer.status_code == 404
        assert b"Olga" not in answer.content
        sent = desk.post(reverse("consent_withdraw", args=(person.pk, row.pk)))
        assert sent.status_code == 404
    assert not ConsentWithdrawal.objects.exists()


def test_a_consent_of_a_merged_row_counts(now, sam, force, nurse, clinic, site):
    from tests.clinic.conftest import make_person

    other = make_person(clinic, site)
    row = sign(other, force, nurse)
    other.merged_into = sam
    other.save()

    assert standing(sam, "esketamine", NEXT_DAY) == row


def test_the_list_asks_no_more_of_many(now, sam, force, nurse, desk, django_assert_max_num_queries):
    for n in range(12):
        sign(sam, force, nurse, at=AT + timedelta(minutes=n))
    row = Consent.objects.first()

    desk.get(reverse("consents", args=(sam.pk,)))
    for address in (
        reverse("consents", args=(sam.pk,)),
        reverse("consent", args=(sam.pk, row.pk)),
        reverse("consent_sign", args=(sam.pk, "tms")),
    ):
        with django_assert_max_num_queries(17):
            assert desk.get(address).status_code == 200

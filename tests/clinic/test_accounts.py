"""Accounts: invitation, password, second factor, lock, step-up, brute force."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from overstory.clinic.audit.models import Entry
from overstory.clinic.people.actions import staff as actions
from overstory.clinic.people.models import Invitation, Staff, StaffRole
from overstory.clinic.people.permissions import Role

PASS_PHRASE = "an-invented-pass-phrase"  # noqa: S105 - invented
SECRET = "JBSWY3DPEHPK3PXP"  # noqa: S105 - invented


@pytest.fixture(autouse=True)
def fresh_limits(db):
    cache.clear()


def code_of(secret: str = SECRET) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def with_app(who: Staff) -> Staff:
    TOTP.activate(who, SECRET)
    return who


def password_given(client: Client, who: Staff, password: str = PASS_PHRASE) -> HttpResponse:
    return client.post("/sign-in/", {"login": who.email, "password": password})


def signed_in_by_both(who: Staff) -> Client:
    client = Client()
    password_given(client, who)
    client.post("/account/second-factor/authenticate/", {"code": code_of()})
    return client


def test_a_password_alone_opens_no_page_of_someone_with_a_second_factor(client, staff):
    who = with_app(staff(Role.NURSE))

    answer = password_given(client, who)

    assert answer.url == "/account/second-factor/authenticate/"
    assert client.get("/people/").url == "/sign-in/?next=/people/"


def test_password_and_code_open_the_clinic_and_stand_on_record(staff):
    who = with_app(staff(Role.NURSE))

    client = signed_in_by_both(who)

    assert client.get("/people/").status_code == 200
    assert Entry.objects.filter(actor=f"staff:{who.pk}", action="signed in").count() == 1


def test_a_code_is_taken_once(staff):
    who = with_app(staff(Role.NURSE))
    with time_machine.travel("2026-11-23T15:00:00Z", tick=False):
        signed_in_by_both(who)
        again = signed_in_by_both(who)

    assert again.get("/people/").status_code == 302


def test_the_secret_of_an_app_is_not_readable_in_the_database(staff):
    who = with_app(staff(Role.NURSE))

    assert SECRET not in str(Authenticator.objects.get(user=who).data)


def test_a_wrong_password_stands_on_record(client, staff):
    who = staff(Role.NURSE)

    answer = password_given(client, who, "something else entirely")

    assert answer.status_code == 200
    assert Entry.objects.filter(subject=f"staff:{who.pk}", action="failed to sign in").exists()


def test_after_five_wrong_passwords_the_right_one_is_refused_for_a_while(client, staff):
    who = staff(Role.NURSE)
    with time_machine.travel("2026-11-23T15:00:00Z", tick=False) as clock:
        for _ in range(5):
            password_given(client, who, "something else entirely")

        refused = password_given(client, who)
        clock.shift(timedelta(minutes=6))
        later = password_given(client, who)

    assert refused.status_code == 200
    assert "Too many" in refused.content.decode()
    assert later.status_code == 302


def test_after_five_wrong_codes_the_right_one_is_refused(staff):
    who = with_app(staff(Role.NURSE))
    client = Client()
    password_given(client, who)
    for _ in range(5):
        client.post("/account/second-factor/authenticate/", {"code": "000000"})

    refused = client.post("/account/second-factor/authenticate/", {"code": code_of()})

    assert refused.status_code == 200
    assert client.get("/people/").status_code == 302


def test_nobody_signs_up(client, db):
    assert client.get("/accounts/signup/").status_code == 404
    assert client.get("/sign-up/").status_code == 404


@pytest.mark.parametrize("minutes", [14, 16])
def test_an_idle_session_is_locked_after_fifteen_minutes(signed_in, minutes):
    with time_machine.travel("2026-11-23T15:00:00Z", tick=False) as clock:
        client = signed_in(Role.NURSE)
        client.get("/people/")
        clock.shift(timedelta(minutes=minutes))

        answer = client.get("/people/?q=maya")

    if minutes == 14:
        assert answer.status_code == 200
    else:
        assert answer.url == "/sign-in/?next=/people/%3Fq%3Dmaya"


def test_an_idle_session_opens_no_page_of_the_account_either(signed_in):
    with time_machine.travel("2026-11-23T15:00:00Z", tick=False) as clock:
        client = signed_in(Role.NURSE)
        client.get("/people/")
        clock.shift(timedelta(minutes=16))

        assert client.get("/account/second-factor/").status_code == 302
        assert client.get("/people/").status_code == 302


def test_a_locked_session_sends_a_whole_page_to_sign_in_not_a_part_of_one(signed_in):
    with time_machine.travel("2026-11-23T15:00:00Z", tick=False) as clock:
        client = signed_in(Role.NURSE)
        client.get("/people/")
        clock.shift(timedelta(minutes=16))

        answer = client.get(
            "/people/",
            headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/people/?q=a"},
        )

    assert answer.status_code == 204
    assert answer["HX-Redirect"] == "/sign-in/?next=/people/%3Fq%3Da"


def test_an_invitation_makes_an_account_that_must_enrol_a_second_factor(client, clinic, staff, at):
    with time_machine.travel(at, tick=False):
        token = actions.invite(
            clinic=clinic, email="New@Example.org", name="Nia Newcomer", roles=[Role.NURSE],
            by=staff(Role.MANAGER), at=at,
        )  # fmt: skip
        page = reverse("invitation", args=[token])
        shown = client.get(page)

        answer = client.post(
            page,
            {
                "called": "Nia",
                "phone": "",
                "password": "quiet-river-stone",
                "again": "quiet-river-stone",
            },
        )

        assert "new@example.org" in shown.content.decode()
        assert answer.url == "/account/second-factor/"
        assert client.get("/people/").url == "/account/second-factor/"
        assert client.get("/account/second-factor/totp/activate/").status_code == 200
        who = Staff.objects.get(email="new@example.org")
        assert who.role_names == {"nurse"}


def test_an_app_is_enrolled_and_opens_the_clinic(client, clinic, staff, at):
    token = actions.invite(
        clinic=clinic, email="nia@example.org", name="Nia Newcomer", roles=[Role.NURSE],
        by=staff(Role.MANAGER), at=at,
    )  # fmt: skip
    with time_machine.travel(at, tick=False):
        client.post(
            reverse("invitation", args=[token]),
            {"called": "Nia", "password": "quiet-river-stone", "again": "quiet-river-stone"},
        )
        page = client.get("/account/second-factor/totp/activate/").content.decode()
        secret = re.search(r"<code>(\w+)</code>", page).group(1)

        done = client.post("/account/second-factor/totp/activate/", {"code": code_of(secret)})

        assert done.url == "/account/second-factor/recovery-codes/"
        assert client.get(done.url).status_code == 200
        assert client.get("/people/").status_code == 200


@pytest.mark.parametrize(
    ("password", "says"),
    [("short", "too short"), ("password12345", "too common"), ("nia-newcomer-x", "too similar")],
)
def test_a_weak_password_is_refused(client, clinic, staff, at, password, says):
    token = actions.invite(
        clinic=clinic, email="nia-newcomer@example.org", name="Nia Newcomer", roles=[],
        by=staff(Role.MANAGER), at=at,
    )  # fmt: skip
    with time_machine.travel(at, tick=False):
        answer = client.post(
            reverse("invitation", args=[token]),
            {"called": "N", "password": password, "again": password},
        )

    assert answer.status_code == 422
    assert says in answer.content.decode()


def test_an_invitation_opens_once_not_after_its_days_and_not_when_withdrawn(
    client, clinic, staff, at
):
    manager = staff(Role.MANAGER)

    def invited(email):
        return actions.invite(clinic=clinic, email=email, name="N", roles=[], by=manager, at=at)

    used, old, withdrawn = (
        invited("a@example.org"),
        invited("b@example.org"),
        invited("c@example.org"),
    )
    actions.accept(token=used, called="", phone="", password=PASS_PHRASE, at=at)
    actions.withdraw(invitation=Invitation.objects.get(email="c@example.org"), by=manager, at=at)

    assert actions.open_invitation(used, at=at) is None
    assert actions.open_invitation(old, at=at) is not None
    assert actions.open_invitation(old, at=at + timedelta(days=7)) is None
    assert actions.open_invitation(withdrawn, at=at) is None
    assert client.get(reverse("invitation", args=[used])).status_code == 404


def test_a_new_invitation_closes_the_older_one(clinic, staff, at):
    manager = staff(Role.MANAGER)
    first = actions.invite(
        clinic=clinic, email="a@example.org", name="A", roles=[], by=manager, at=at
    )
    second = actions.invite(
        clinic=clinic, email="A@example.org", name="A", roles=[], by=manager, at=at
    )

    assert actions.open_invitation(first, at=at) is None
    assert actions.open_invitation(second, at=at) is not None


def test_an_invitation_is_kept_without_its_token(clinic, staff, at):
    token = actions.invite(
        clinic=clinic, email="a@example.org", name="A", roles=[], by=staff(Role.MANAGER), at=at
    )

    assert token not in str(Invitation.objects.values().get())
    assert token not in str(list(Entry.objects.values()))


def test_a_closed_account_opens_nothing_from_then_on(signed_in, staff, at):
    who, manager = staff(Role.NURSE), staff(Role.MANAGER)
    client = signed_in(who=who)
    assert client.get("/people/").status_code == 200

    actions.deactivate(staff=who, by=manager, at=at)

    assert client.get("/people/").status_code == 302


def test_a_role_that_ended_opens_nothing_from_then_on(signed_in, staff, at):
    who, manager = staff(Role.NURSE), staff(Role.MANAGER)
    client = signed_in(who=who)

    actions.end_role(staff=who, role=Role.NURSE, by=manager, at=at)

    assert client.get("/people/").status_code == 404
    assert StaffRole.objects.get(staff=who).until == at


@pytest.mark.parametrize("role", [Role.MEDICAL_DIRECTOR, Role.MANAGER])
def test_the_last_of_those_who_lead_a_clinic_stays(staff, at, role):
    last, by = staff(role), staff(Role.NURSE)

    with pytest.raises(actions.StaffError, match="last"):
        actions.end_role(staff=last, role=role, by=by, at=at)
    with pytest.raises(actions.StaffError, match="last"):
        actions.deactivate(staff=last, by=by, at=at)

    staff(role)
    actions.end_role(staff=Staff.objects.get(pk=last.pk), role=role, by=by, at=at)


def test_one_of_another_clinic_or_with_a_closed_account_does_not_count_as_another(
    staff, other_clinic, at
):
    last, by = staff(Role.MANAGER), staff(Role.NURSE)
    staff(Role.MANAGER, of=other_clinic)
    closed = staff(Role.MANAGER)
    actions.deactivate(staff=closed, by=by, at=at)

    with pytest.raises(actions.StaffError, match="last"):
        actions.deactivate(staff=last, by=by, at=at)


def test_nobody_gives_themselves_a_role(signed_in, staff):
    manager = staff(Role.MANAGER)
    client = signed_in(who=manager)

    answer = client.post(
        reverse("role_give", args=[manager.pk]), {"role": Role.MEDICAL_DIRECTOR.value}
    )

    assert answer.status_code == 409
    assert Staff.objects.get(pk=manager.pk).role_names == {"manager"}


def test_a_lost_second_factor_is_taken_away_and_enrolled_anew(signed_in, staff, client):
    who = with_app(staff(Role.NURSE))
    manager = signed_in(Role.MANAGER)

    manager.post(reverse("staff_lost_factor", args=[who.pk]))
    password_given(client, who)

    assert client.get("/people/").url == "/account/second-factor/"


def test_the_last_second_factor_stays(staff):
    who = with_app(staff(Role.NURSE))
    client = signed_in_by_both(who)
    client.post("/sign-in/again/", {"password": PASS_PHRASE})

    client.post("/account/second-factor/totp/deactivate/")

    assert Authenticator.objects.filter(user=who, type="totp").exists()


SIGN = {"plan": "7", "note": "<b>said & done</b>", "many": ["a", "b"]}


@pytest.fixture
def signing(settings):
    settings.ROOT_URLCONF = "tests.clinic.signing_urls"
    return "/sign-this/"


def test_signing_soon_after_the_second_factor_asks_nothing(staff, signing):
    client = signed_in_by_both(with_app(staff(Role.PSYCHIATRIST)))

    assert client.post(signing, SIGN).content == b"signed 7 <b>said & done</b> ['a', 'b']"


def test_signing_later_asks_for_the_second_factor_and_loses_nothing(staff, signing):
    who = with_app(staff(Role.PSYCHIATRIST))
    with time_machine.travel("2026-11-23T15:00:00Z", tick=False) as clock:
        client = signed_in_by_both(who)
        clock.shift(timedelta(minutes=6))
        asked = client.post(signing, SIGN)
        kept = dict(SIGN) | {"step_up-sent": "1"}

        wrong = client.post(signing, kept | {"step_up-code": "000000"})
        right = client.post(signing, kept | {"step_up-code": code_of()})
        again = client.post(signing, SIGN)

    page = asked.content.decode()
    assert asked.status_code == 403
    assert '<input type="hidden" name="plan" value="7">' in page
    assert 'value="&lt;b&gt;said &amp; done&lt;/b&gt;"' in page
    assert page.count('name="many"') == 2
    assert wrong.status_code == 403
    assert "Incorrect code" in wrong.content.decode()
    assert 'name="many"' in wrong.content.decode()
    assert right.content.startswith(b"signed 7")
    assert again.content.startswith(b"signed 7")


def test_a_password_given_again_is_no_second_factor(staff, signing):
    who = with_app(staff(Role.PSYCHIATRIST))
    with time_machine.travel("2026-11-23T15:00:00Z", tick=False) as clock:
        client = signed_in_by_both(who)
        clock.shift(timedelta(minutes=6))
        client.post("/sign-in/again/", {"password": PASS_PHRASE})

        assert client.post(signing, SIGN).status_code == 403


def test_in_an_invented_clinic_entered_by_one_click_a_button_stands_for_the_factor(
    signed_in, staff, clinic, signing
):
    clinic.is_invented = True
    clinic.save()
    client = signed_in(who=staff(Role.PSYCHIATRIST))
    session = client.session
    session["invented-sign-in"] = True
    session.save()

    asked = client.post(signing, SIGN)
    done = client.post(signing, dict(SIGN) | {"step_up-sent": "1"})

    assert "Yes, it is me" in asked.content.decode()
    assert done.content.startswith(b"signed 7")


def test_the_button_does_nothing_in_a_clinic_that_is_not_invented(signed_in, staff, signing):
    client = signed_in(who=with_app(staff(Role.PSYCHIATRIST)))
    session = client.session
    session["invented-sign-in"] = True
    session.save()

    assert client.post(signing, dict(SIGN) | {"step_up-sent": "1"}).status_code == 403


def test_one_click_opens_no_clinic_that_is_not_invented(client, staff):
    client.force_login(staff(Role.NURSE))
    session = client.session
    session["invented-sign-in"] = True
    session.save()

    assert client.get("/people/").url == "/account/second-factor/"


def test_a_poll_does_not_keep_an_idle_session_open(signed_in, signing):
    with time_machine.travel("2026-11-23T15:00:00Z", tick=False) as clock:
        client = signed_in(Role.NURSE)
        client.get("/people/")
        for _ in range(16):
            clock.shift(timedelta(minutes=1))
            answer = client.get("/poll/")

    assert answer.status_code == 302


@pytest.mark.parametrize(
    "page",
    ["/sign-in/", "/account/second-factor/", "/account/password/", "/sign-in/again/",
     "/account/second-factor/webauthn/", "/account/second-factor/recovery-codes/",
     "/account/second-factor/reauthenticate/", "/sign-out/"],
)  # fmt: skip
def test_the_pages_of_accounts_are_ours_without_inline_code(staff, page):
    who = with_app(staff(Role.NURSE))
    client = Client() if page == "/sign-in/" else signed_in_by_both(who)
    if page.endswith("recovery-codes/"):
        client.post("/sign-in/again/", {"password": PASS_PHRASE})
        client.post("/account/second-factor/recovery-codes/generate/")

    answer = client.get(page)

    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Overstory" in text
    assert " style=" not in text
    assert not re.search(r"<script(?![^>]*(src=|application/json))", text)
    assert not re.search(r"\son\w+=", text)
    assert "'unsafe" not in answer["Content-Security-Policy"]


def test_a_request_factory_has_no_proof():
    from django.contrib.auth.models import AnonymousUser

    from overstory.clinic.people.stepup import is_proven

    request = RequestFactory().post("/")
    request.user, request.session = AnonymousUser(), {}

    assert not is_proven(request)

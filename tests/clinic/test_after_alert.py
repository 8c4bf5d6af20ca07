"""What a person reads after an answer that raised an alert: until when, what to do sooner, what they gave."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from overstory.clinic.intake.giving import Giver, give
from overstory.clinic.intake.links import begin, make_link
from overstory.clinic.people.actions import say_channel
from overstory.clinic.people.models import Contact, OnCall, Person
from overstory.clinic.people.permissions import Role
from overstory.clinic.safety.actions import Told, raise_alert
from overstory.pathway.pack_values import Reply
from tests.clinic.knowing import state

SUNDAY = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
"""05:00 in New York."""


@pytest.fixture
def filled(person, staff, time_machine):
    """Answer item 9 of the PHQ-9 with 1 at a moment; return the browser and the start of its pages."""

    def fill(moment, *, on_call=True):
        nurse = staff(Role.NURSE, name="Kai")
        if on_call:
            ends = moment + timedelta(days=2)
            OnCall.objects.create(
                clinic=nurse.clinic,
                staff=staff(Role.PSYCHIATRIST),
                rung=1,
                starts=moment,
                ends=ends,
            )
        time_machine.move_to(moment, tick=False)
        form = begin(person=person, pack="phq9", by=nurse, at=moment)
        made = make_link(questionnaire=form, by=nurse, at=moment)
        client, start = Client(), f"/q/at/{made.link.pk}/"
        client.post(f"/q/{made.token}/", {"day": "9", "month": "3", "year": "1982"})
        client.post(f"{start}page/phq9.9/", {"answer": "1"})
        return client, start

    return fill


def help_of(client, start):
    return client.get(f"{start}help/").content.decode()


def tell(client, start, **given):
    key = re.search(r'name="key" value="([^"]+)"', help_of(client, start)).group(1)
    return client.post(f"{start}help/", {"phone": "", "place": "", "key": key, **given})


def test_on_a_sunday_they_read_that_it_is_today_and_that_the_phone_is_closed(filled):
    page = help_of(*filled(SUNDAY))

    assert "They will try to reach you, at the latest by midnight tonight (EST)." in page
    assert "If you need help sooner, do not wait for us." in page
    assert (
        "+1 555 0100 is closed now. It opens again on Monday 23 November 2026, 08:00 EST." in page
    )


def test_while_the_site_is_open_they_read_the_hour_and_until_when_the_phone_is_answered(filled, at):
    page = help_of(*filled(at))

    # item 9 of 1 on a Monday at 10:00: 2 business hours (escalation ladder of the clinical dossiers)
    assert "at the latest today at 12:00 EST." in page
    assert "You can also call us: +1 555 0100, open until 18:00 EST." in page


def test_it_stands_in_spanish_too(filled):
    client, start = filled(SUNDAY)
    client.post(f"{start}language/", {"language": "es"})

    page = help_of(client, start)

    assert "a más tardar a la medianoche de hoy (EST)." in page
    assert "está cerrado ahora. Vuelve a abrir el lunes 23 de noviembre de 2026, 08:00 EST." in page


def test_nothing_is_promised_that_nobody_can_keep(filled, time_machine):
    client, start = filled(SUNDAY, on_call=False)
    alone = help_of(client, start)
    time_machine.move_to(SUNDAY + timedelta(days=2), tick=False)
    late = help_of(client, start)

    assert "we cannot promise when someone can call you" in alone
    assert "at the latest" not in alone + late


def test_past_the_deadline_they_are_told_not_to_wait(filled, time_machine):
    client, start = filled(SUNDAY)
    time_machine.move_to(SUNDAY + timedelta(hours=20), tick=False)

    assert "they should have reached you by now" in help_of(client, start)


def test_what_they_wrote_is_shown_and_not_asked_again(filled):
    client, start = filled(SUNDAY)
    tell(client, start, phone="+1 212 555 0199", place="At my sister's")

    page = help_of(client, start)

    assert "+1 212 555 0199" in page
    assert "At my sister&#x27;s" in page
    assert "can see the number and the place that you wrote" in page
    assert "can see where you are" not in page
    assert 'name="phone"' not in page
    assert 'name="phone"' in client.get(f"{start}help/?change=1").content.decode()


def test_only_what_was_given_is_said_and_it_stands_first(filled, clinic, signed_in):
    client, start = filled(SUNDAY)

    sent = tell(client, start, phone="+1 212 555 0199")
    page = help_of(client, start)
    staff_page = signed_in(Role.NURSE).get(reverse("alert", args=[clinic.alerts.get().pk]))

    assert sent.url == f"{start}help/#given"
    assert "Our staff can see the number that you wrote." in page
    assert page.index('id="given"') < page.index("Thank you for telling us")
    assert "Gave a phone number<" in staff_page.content.decode()
    overview = signed_in(Role.NURSE).get(reverse("person", args=[clinic.persons.get().pk]))
    assert "given on Sun 22 Nov 2026, 05:00 EST with an alert" in overview.content.decode()


def test_the_last_page_repeats_the_promise_and_the_crisis_lines(filled, at):
    client, start = filled(at)
    client.post(f"{start}check/")

    page = client.get(f"{start}done/").content.decode()

    assert "They will try to reach you, at the latest today at 12:00 EST." in page
    assert "crisis-card" in page
    assert f'href="{start}help/?change=1#phone"' in page


@pytest.mark.parametrize(
    ("given", "says"), [(None, "Never asked"), (True, "They agreed"), (False, "They said no")]
)
def test_an_email_address_is_shown_where_no_phone_is_known(
    filled, clinic, person, staff, signed_in, given, says
):
    filled(SUNDAY)
    Person.objects.filter(pk=person.pk).update(phone="", email="ana@example.org")
    if given is not None:
        nurse = staff(Role.NURSE)
        say_channel(person=person, channel="email", is_given=given, by=nurse, at=SUNDAY)

    address = reverse("alert", args=[clinic.alerts.get().pk])
    page = signed_in(Role.NURSE).get(address).content.decode()

    assert "No phone number of the person is known." in page
    assert 'href="mailto:ana@example.org"' in page
    assert says in page


def test_what_others_wrote_about_them_is_not_shown_to_them(filled, person, site):
    client, start = filled(SUNDAY)
    raise_alert(
        person=person, site=site, kind="staff-raised", tier="high", source="staff:1",
        says="Her sister called", at=SUNDAY, actor="staff:1", told=Told(place="The quarry"),
    )  # fmt: skip

    assert "The quarry" not in help_of(client, start)


def test_after_handing_in_they_first_read_that_the_answers_were_sent(filled):
    client, start = filled(SUNDAY)
    tell(client, start, phone="+1 212 555 0199")

    page = client.get(client.post(f"{start}check/").url).content.decode()

    # with where they are known nothing is left to ask: the last page leads, and says the lines once
    assert page.index("<h1>Your answers were sent</h1>") < page.index("crisis-card")
    assert '<aside class="crisis"' not in page
    assert "+1 212 555 0199" in page
    assert 'name="phone"' not in page


def test_after_handing_in_without_a_number_they_read_that_they_are_done_and_are_asked_for_it(
    filled,
):
    client, start = filled(SUNDAY)

    page = client.get(client.post(f"{start}check/").url).content.decode()

    assert "<h1>Your answers were sent. You are done.</h1>" in page
    assert 'name="phone"' in page
    assert '<aside class="crisis"' not in page
    assert page.count("crisis-card") == page.count('class="top-crisis"') == 1


def test_a_number_without_an_area_code_is_kept_and_asked_about_until_it_is_written_again(
    filled, clinic
):
    client, start = filled(SUNDAY)

    sent = tell(client, start, phone="555 0147")
    page = help_of(client, start)
    key = re.search(r'name="key" value="([^"]+)"', page).group(1)
    again = client.post(f"{start}help/", {"phone": "555 0147", "place": "", "key": key})
    right = client.get(again.url.partition("#")[0]).content.decode()

    assert sent.url == f"{start}help/#given"
    told = clinic.alerts.get().acts.filter(kind="told-where")
    assert [each.phone for each in told] == ["555 0147", "555 0147"]
    assert "You wrote 555 0147. Is the area code missing?" in page
    assert 'value="555 0147"' in page
    assert "area code missing" not in right
    assert 'name="phone"' not in right


def test_the_crisis_line_stands_above_the_phone_of_the_site_which_says_that_it_is_closed(
    filled, time_machine, at
):
    client, start = filled(SUNDAY)
    closed = help_of(client, start)
    time_machine.move_to(at, tick=False)
    opened = help_of(client, start)

    assert closed.index('href="tel:988"') < closed.index('class="top-phone"')
    assert "(closed now)" in closed
    assert "(closed now)" not in opened


def test_staff_read_the_question_and_the_answer_in_words(filled, clinic, signed_in):
    filled(SUNDAY)

    page = signed_in(Role.NURSE).get(reverse("alert", args=[clinic.alerts.get().pk]))

    shown = page.content.decode()
    assert "PHQ-9, item 9: Thoughts that you would be better off dead" in shown
    assert "Several days (1 of 3)" in shown
    assert "phq9.9" not in shown
    assert "Raised: not screened yet" in shown


def test_a_relative_is_no_emergency_contact(filled, clinic, person, signed_in):
    filled(SUNDAY)
    address = reverse("alert", args=[clinic.alerts.get().pk])
    client = signed_in(Role.NURSE)
    Contact.objects.create(
        person=person, kind="relative", name="Jo Fields", phone="+1 555 0170", since=SUNDAY
    )

    relative = client.get(address).content.decode()
    Contact.objects.create(
        person=person, kind="emergency", name="Ana Fields", phone="+1 555 0171", since=SUNDAY
    )
    both = client.get(address).content.decode()

    assert "Emergency contact</dt><dd><span" in relative
    assert "Ana Fields" in both
    assert "Emergency contact</dt><dd><span" not in both


def test_an_alert_is_raised_from_the_persons_page(person, signed_in):
    address = reverse("alert_raise_for", args=[person.pk])

    nurse = signed_in(Role.NURSE).get(reverse("person", args=[person.pk])).content.decode()

    assert f'href="{address}"' in nurse


def test_an_asq_has_an_alert_of_its_own_kind(person, staff, clinic):
    nurse = staff(Role.NURSE)
    form = begin(person=person, pack="suicide-screen-asq", by=nurse, at=SUNDAY)

    give(
        questionnaire=form,
        question="asq.1",
        reply=Reply(1),
        giver=Giver(f"staff:{nurse.pk}", staff=nurse),
        at=SUNDAY,
    )

    alert = clinic.alerts.get()
    assert (alert.kind, alert.kind_words) == ("asq", "ASQ screen")


def test_the_crisis_line_is_called_with_one_touch(filled):
    page = help_of(*filled(SUNDAY))

    card = page[page.index("crisis-card") : page.index("</section>")]

    assert 'href="tel:988"' in card


def test_high_risk_on_record_without_an_alert_is_on_the_day_and_raised_by_one_press(
    person, signed_in, clinic
):
    at = datetime.now(UTC)
    state(person, at - timedelta(hours=1), cssrs_risk="high", suicidal_intent=True)
    nurse = signed_in(Role.NURSE)

    assert "High risk on record, no alert" in nurse.get("/").content.decode()
    page = nurse.get(reverse("person", args=[person.pk])).content.decode()
    form = page[page.index("Raise the alert now") - 900 :]
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    assert "is open: nobody is told to act" in page
    nurse.post(reverse("alert_raise_for", args=[person.pk]), fields)
    nurse.post(reverse("alert_raise_for", args=[person.pk]), fields)

    alert = clinic.alerts.get()
    assert (alert.person, alert.tier) == (person, "high")
    assert "High risk on record, no alert" not in nurse.get("/").content.decode()
    assert "Raise the alert now" not in nurse.get(
        reverse("person", args=[person.pk])
    ).content.decode()  # fmt: skip


def test_a_newer_screen_counts_instead_of_the_high_risk_that_staff_recorded(person, signed_in):
    at = datetime.now(UTC)
    state(person, at - timedelta(days=2), cssrs_risk="high")
    state(person, at - timedelta(days=1), cssrs_risk="low")

    assert "High risk on record, no alert" not in signed_in(Role.NURSE).get("/").content.decode()

"""The whole course on one page: hours, days without driving, what to prepare, dated prices, in two languages."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse
from pypdf import PdfReader

from overstory.clinic.arriving.course_page import course_page
from overstory.clinic.booking.models import Appointment
from overstory.clinic.care.adopted import in_force
from overstory.clinic.people.permissions import Role
from tests.clinic.coming import AT, booked, coming, with_plan


@pytest.fixture
def doctor(staff):
    return staff(Role.PSYCHIATRIST, name="Dr. Ada Reed")


@pytest.fixture
def plan(person, doctor, staff):
    return with_plan(person, doctor, treatment="esketamine", director=staff(Role.MEDICAL_DIRECTOR))


def page_of(person, language="en"):
    return course_page(person, at=AT, force=in_force(person.clinic), language=language)


def test_each_visit_says_when_to_arrive_when_it_starts_and_when_one_is_free(person, plan):
    """Esketamine: 20 minutes to prepare (site policy), two hours of watch from the first device (label 5.1)."""
    booked(plan)

    page = page_of(person)

    assert len(page.visits) == 14
    first = page.visits[0]
    assert (first.day, first.arrive, first.starts) == (
        "Mon 30 Nov 2026", "10:00", "10:20",
    )  # fmt: skip
    chair = plan.content["sessions"][0]["minutes"]["chair"]
    assert chair >= 140
    assert first.leave == f"{10 + chair // 60}:{chair % 60:02}"
    assert (page.groups[0].name, first.number) == ("Esketamine nasal spray", "1 of 14")
    assert page.zones == "EST"
    assert first.comes_with_someone
    assert page.not_booked == 0


def test_the_days_without_driving_are_the_days_of_the_visits_in_the_words_of_the_knowledge(
    person, plan
):
    rows = booked(plan)

    driving = page_of(person).driving

    assert len(driving) == 1
    assert driving[0].until == (
        "Do not drive, use machines or do anything risky until the next day, after a good sleep."
    )
    for row in rows:
        assert f"{row.wall_date:%a %-d %b %Y}" in driving[0].from_days


def test_prices_are_told_as_reported_with_date_and_source_for_one_and_for_all(person, plan):
    """Medicare in 2026: 907 to 1,290 dollars a visit by one page, 953 to 1,356 by another; fourteen visits."""
    booked(plan)

    prices = page_of(person).prices[0][1]

    assert [each.line for each in prices] == [
        "Medicare pays for drug and visit: 907 to 1,290 USD",
        "Medicare pays for drug and visit: 953 to 1,356 USD",
    ]
    assert prices[0].total == "for 14 visits: 12,698 to 18,060 USD"
    assert "as of 2026, read on 2026-11-22" in prices[0].source
    assert not prices[0].is_old


def test_where_there_is_no_price_one_is_to_ask(person, plan, clinic):
    booked(plan)
    clinic.jurisdiction = "EU"
    clinic.save()

    page = page_of(type(person).objects.get(pk=person.pk))

    assert not page.has_prices
    assert "Ask the clinic" in page.without_price[0]


def test_a_price_that_was_to_be_read_again_is_said_to_be_old(person, plan):
    """The sources of prices are to be read again by 2027-05-22."""
    booked(plan)

    later = course_page(
        person, at=AT + timedelta(days=181), force=in_force(person.clinic), language="en"
    )

    assert all(each.is_old for each in later.prices[0][1])


def test_tentative_cancelled_and_unbooked_sessions_are_told_apart(person, plan):
    rows = booked(plan, is_tentative=True)
    Appointment.objects.filter(pk=rows[-1].pk).update(state="cancelled")

    page = page_of(person)

    assert page.has_tentative
    assert all(each.is_tentative for each in page.visits)
    assert (len(page.visits), page.not_booked) == (13, 1)


def test_a_combination_has_both_parts_and_tells_them_apart(person, doctor, staff):
    plan = with_plan(
        person, doctor, treatment="ketamine-then-tms", director=staff(Role.MEDICAL_DIRECTOR)
    )
    booked(plan)

    page = page_of(person)

    names = [each.name for each in page.prepare]
    assert len(names) == 2
    assert "magnetic" in names[1]
    of_tms = page.groups[1].visits
    assert not any(each.comes_with_someone for each in of_tms)
    assert of_tms[0].number == f"1 of {len(of_tms)}"
    assert [len(each) for each in page.groups[1].halves] == [18, 18]
    assert len(page.driving) == 1
    for each in of_tms:
        assert each.day not in page.driving[0].from_days


def test_a_visit_for_talk_stands_on_it_and_nothing_of_treatments(person, site):
    coming(person, on=date(2026, 11, 24))

    page = page_of(person)

    assert [each.name for each in page.groups] == ["Talk and examination"]
    assert page.prices == ()
    assert page.may_drive


def test_staff_print_it_in_either_language_and_the_pdf_says_the_same(person, plan, signed_in):
    booked(plan)
    with time_machine.travel(AT, tick=False):
        nurse = signed_in(Role.NURSE)
        shown = {
            language: nurse.get(
                reverse("visits_print", args=(person.pk,)) + f"?language={language}"
            ).content.decode()
            for language in ("en", "es")
        }
        pdfs = {
            language: nurse.get(
                reverse("visits_pdf", args=(person.pk,)) + f"?language={language}"
            ).content
            for language in ("en", "es")
        }

    assert "Days without driving" in shown["en"]
    assert "Días sin manejar" in shown["es"]
    texts = {
        language: " ".join(part.extract_text() for part in PdfReader(io.BytesIO(content)).pages)
        for language, content in pdfs.items()
    }
    for words in ("Mon 30 Nov 2026", "10:20", "Days without driving", "988", "12,698"):
        assert words in texts["en"]
    for words in ("lun 30 nov 2026", "Días sin manejar", "988"):
        assert words.casefold() in texts["es"].casefold()
    assert len(PdfReader(io.BytesIO(pdfs["en"])).pages) == 1
    assert PdfReader(io.BytesIO(pdfs["en"])).trailer["/Root"]["/MarkInfo"]["/Marked"]

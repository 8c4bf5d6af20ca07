"""Doses of a plan that change: lowered after a session that was not tolerated, chosen, and compared."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from overstory.pathway.planning.editing import Edit, edited
from overstory.pathway.planning.events import Event, EventKind, after_event
from overstory.pathway.planning.redosing import raises_dose
from overstory.pathway.planning.revising import Revision, calendar_of
from tests.people import KNOWLEDGE, facts_of_vignette
from tests.planning import SPRING, planned, with_every_course

PERSON = {"weight_kg": 81.0, "height_cm": 180.0}
"""P-IV-TITR: 0.5, 0.6, 0.75, 1.0 mg/kg, at most 80 mg; of 81 kg 40.5, 48.5, 60.5 and 80 mg."""
APRIL_12 = date(2027, 4, 12)


def titrated():
    return planned("ketamine-iv", protocols=("P-IV-TITR",), **PERSON)


def older():
    return planned("esketamine", jurisdiction="EU", age_years=67.0)


def after(plan, kind, on=APRIL_12, *, knowledge=KNOWLEDGE, **more):
    event = Event(kind=EventKind(kind), on=on, **more)
    return after_event(plan=plan, event=event, knowledge=knowledge)


def edit(plan, **more):
    revision = Revision(plan, SPRING, KNOWLEDGE, calendar_of(plan))
    return edited(revision=revision, edit=Edit(**more), facts=facts_of_vignette("clear", **PERSON))


def doses(plan):
    return [float(each.dose.value) for each in plan.sessions]


# Not tolerated


@pytest.mark.parametrize(
    ("plan", "mg", "stands"),
    [(titrated(), Decimal(80), 40.5), (older(), Decimal(84), 28)],
    ids=["P-IV-TITR", "P-ESK-EU-65-PLUS"],
)
def test_doses_that_are_below_the_one_not_tolerated_already_are_not_raised(plan, mg, stands):
    again = after(plan, "intolerance", sessions=(3,), mg=mg)

    assert set(doses(again)) == {stands}
    assert "none is lowered" in again.changes[-1].says
    assert f"{stands:g} mg" in again.changes[-1].says
    assert "decides" in again.changes[-1].says
    assert [bool(each.holds) for each in again.sessions] == [each.n > 3 for each in again.sessions]
    assert {each.why for each in again.holds} == {"decision"}


def test_only_the_doses_above_the_lower_step_are_lowered_and_the_sentence_names_them():
    plan = edit(titrated(), n=5, mg=Decimal(80), onward=True)

    again = after(plan, "intolerance", sessions=(3,), mg=Decimal(80))

    assert doses(plan) == [40.5, 40.5, 40.5, 40.5, 80, 80]
    assert doses(again) == [40.5, 40.5, 40.5, 40.5, 60.5, 60.5]
    assert "sessions 5, 6 are lowered to 60.5 mg" in again.changes[-1].says
    assert "not above it" in again.changes[-1].says
    assert not again.holds


def test_a_dose_that_the_prescriber_must_set_is_not_set_by_a_session_not_tolerated():
    # A step was chosen for one session; the others wait for the prescriber.
    plan = titrated()
    left = tuple(
        replace(each, dose=replace(each.dose, value=None)) if each.n == 5 else each
        for each in plan.sessions
    )

    again = after(replace(plan, sessions=left), "intolerance", sessions=(3,), mg=Decimal(80))

    assert again.sessions[4].dose.value is None


def test_a_lower_step_says_what_it_is_by_weight_and_why():
    plan = edit(titrated(), n=2, mg=Decimal(80), onward=True)

    again = after(plan, "intolerance", sessions=(3,))

    lowered = again.sessions[3].dose
    assert (lowered.value, lowered.per_kg) == (Decimal("60.5"), Decimal("0.75"))
    assert "not tolerated" in lowered.says
    assert "0.5 mg/kg" not in lowered.says


def test_after_the_last_session_nothing_is_said_to_be_lowered():
    plan = edit(titrated(), n=6, mg=Decimal(80))

    again = after(plan, "intolerance", plan.sessions[-1].date, sessions=(6,))

    assert doses(again) == doses(plan)
    assert "no later session" in again.changes[-1].says


# Chosen


def test_a_dose_that_was_chosen_says_what_it_is_by_weight():
    again = edit(titrated(), n=3, mg=Decimal(80))

    chosen = again.sessions[2].dose
    assert (chosen.value, chosen.per_kg) == (80, 1)  # 81 mg by weight, 80 mg the cap
    assert "The prescriber chose 80 mg" in chosen.says
    assert "0.5 mg/kg" not in chosen.says
    assert again.sessions[1].dose == titrated().sessions[1].dose


def test_a_dose_chosen_back_is_by_weight_what_it_was():
    again = edit(edit(titrated(), n=3, mg=Decimal(80)), n=3, mg=Decimal("40.5"))

    assert again.sessions[2].dose.per_kg == Decimal("0.5")


def test_a_chosen_spray_says_so_and_has_no_weight():
    again = edit(planned("esketamine"), n=3, mg=Decimal(84))

    assert again.sessions[2].dose.per_kg is None
    assert "The prescriber chose 84 mg" in again.sessions[2].dose.says


# Compared


def test_a_version_with_a_higher_dose_raises_and_one_with_a_lower_does_not():
    plan = planned("esketamine")
    higher = edit(plan, n=5, mg=Decimal(84))
    lower = edit(higher, n=5, mg=Decimal(56))

    assert raises_dose(before=plan, after=higher)
    assert not raises_dose(before=higher, after=lower)
    assert not raises_dose(before=plan, after=plan)
    assert not raises_dose(before=plan, after=lower)  # both changes together


def test_the_step_that_no_response_proposes_raises():
    plan = titrated()

    assert raises_dose(
        before=plan,
        after=after(plan, "non-response", date(2027, 4, 8), review="ketamine-early"),
    )


def test_a_dose_where_none_was_is_one_raised():
    plan = titrated()
    left = tuple(replace(each, dose=replace(each.dose, value=None)) for each in plan.sessions)
    none = tuple(replace(each, dose=None) for each in plan.sessions)

    assert raises_dose(before=replace(plan, sessions=left), after=plan)
    assert raises_dose(before=replace(plan, sessions=none), after=plan)
    assert not raises_dose(before=plan, after=replace(plan, sessions=left))
    assert not raises_dose(before=plan, after=replace(plan, sessions=none))


def test_a_session_that_is_added_with_a_dose_is_one_where_none_was():
    plan = planned("esketamine")

    assert raises_dose(before=plan, after=after(plan, "relapse", date(2027, 8, 3)))
    assert raises_dose(before=plan, after=after(plan, "step-back", date(2027, 6, 1)))


def test_a_session_that_moves_or_takes_another_number_with_its_dose_raises_nothing():
    # From the fifth on 84 mg: without the third session the fifth is the fourth.
    plan = edit(planned("esketamine"), n=5, mg=Decimal(84), onward=True)
    moved = edit(plan, n=2, day=date(2027, 4, 9))

    assert not raises_dose(before=plan, after=moved)
    assert not raises_dose(before=plan, after=after(plan, "missed", sessions=(3,)))


def test_a_session_that_moves_and_has_more_is_one_raised():
    plan = planned("esketamine")

    moved = edit(edit(plan, n=2, day=date(2027, 4, 9)), n=2, mg=Decimal(84))

    assert raises_dose(before=plan, after=moved)


def test_what_has_taken_place_before_the_change_raises_nothing_any_more():
    plan = planned("esketamine")
    given = tuple(
        replace(each, dose=replace(each.dose, value=Decimal(84))) if each.n == 2 else each
        for each in plan.sessions
    )
    again = after(plan, "missed", date(2027, 4, 15), sessions=(4,))

    assert not raises_dose(
        before=plan, after=replace(again, sessions=(*given[:3], *again.sessions[3:]))
    )


def test_stimulation_has_no_dose_that_rises():
    plan = planned("tms")

    assert not raises_dose(before=plan, after=after(plan, "missed", sessions=(3,)))


def test_ketamine_beside_tms_is_compared_with_ketamine_only():
    plan = planned("ketamine-then-tms", continue_ketamine=True, knowledge=with_every_course())
    tms = next(each for each in plan.sessions if each.treatment == "tms")

    again = after(plan, "missed", tms.date, sessions=(tms.n,), knowledge=with_every_course())

    assert not raises_dose(before=plan, after=again)

"""A law of living plans: a session that was not tolerated never raises the dose of any session."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overstory.pathway.plan import PlanWish, propose
from overstory.pathway.planning.editing import Edit, EditError, edited
from overstory.pathway.planning.events import Event, EventKind, after_event
from overstory.pathway.planning.redosing import raises_dose
from overstory.pathway.planning.revising import Revision, calendar_of
from overstory.pathway.planning.values import Plan
from tests.generated.test_whole_plans import MEANT_FOR
from tests.people import facts_of_vignette
from tests.planning import plannable, with_every_course

KNOWLEDGE = with_every_course()
COURSES = [each for each in plannable(KNOWLEDGE) if each.treatment != "tms" and not each.follows]
START = date(2027, 4, 5)
AMOUNTS = st.one_of(
    st.none(),
    st.sampled_from([Decimal(each) for each in (28, 56, 84, 80, 112)]),
    st.decimals(min_value=1, max_value=200, places=1),
)


@cache
def plan_of(name: str, treatment: str, where: str, weight_kg: float) -> Plan:
    facts = facts_of_vignette(weight_kg=weight_kg, height_cm=200.0, **MEANT_FOR.get(name, {}))
    wish = PlanWish(treatment=treatment, start=START, jurisdiction=where, protocols=(name,))
    return propose(patient="somebody", facts=facts, knowledge=KNOWLEDGE, wish=wish)


def with_other_doses(plan: Plan, data: st.DataObject) -> Plan:
    """The plan after some choices of its prescriber, as far as it leaves them open."""
    for _ in range(data.draw(st.integers(0, 3))):
        n = data.draw(st.integers(1, len(plan.sessions)))
        dose = plan.sessions[n - 1].dose
        open_ = [Decimal(60), *(dose.choices if dose else ())]
        wish = Edit(n=n, mg=data.draw(st.sampled_from(open_)), onward=data.draw(st.booleans()))
        try:
            plan = edited(
                revision=Revision(plan, START, KNOWLEDGE, calendar_of(plan)),
                edit=wish,
                facts=facts_of_vignette(weight_kg=80.0, height_cm=200.0),
            )
        except EditError:
            continue
    unset = data.draw(st.sets(st.sampled_from([each.n for each in plan.sessions]), max_size=2))
    sessions = tuple(
        replace(each, dose=replace(each.dose, value=None))
        if each.n in unset and each.dose
        else each
        for each in plan.sessions
    )
    return replace(plan, sessions=sessions)


@pytest.mark.parametrize("protocol", COURSES, ids=lambda each: each.id)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_session_not_tolerated_ever_raises_a_dose(protocol, data):
    where = data.draw(st.sampled_from(protocol.jurisdictions))
    weight_kg = data.draw(st.sampled_from([45.0, 81.0, 110.0]))
    plan = with_other_doses(plan_of(protocol.id, protocol.treatment, where, weight_kg), data)
    first = data.draw(st.integers(1, len(plan.sessions)))
    number = data.draw(st.sampled_from([first, max(1, first - 2)]))
    event = Event(
        kind=EventKind.INTOLERANCE,
        on=plan.sessions[first - 1].date,
        sessions=(number,),
        mg=data.draw(AMOUNTS),
    )

    again = after_event(plan=plan, event=event, knowledge=KNOWLEDGE)

    changed = []
    for old, new in zip(plan.sessions, again.sessions, strict=True):
        assert (old.n, old.date, old.dose is None) == (new.n, new.date, new.dose is None)
        if old.dose is None or old.dose.value is None:
            assert new.dose == old.dose
            continue
        assert new.dose.value <= old.dose.value
        if new.dose != old.dose:
            assert new.dose.value < old.dose.value
            changed.append(new)
    assert not raises_dose(before=plan, after=again)
    # What the sentence says is what was done: a dose is lower, or a person decides.
    said = again.changes[-1].says
    assert ("lowered to" in said) == bool(changed)
    if not changed:
        later = [each for each in again.sessions if each.n > number and each.date >= event.on]
        assert all(each.holds for each in later)

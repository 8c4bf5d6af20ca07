"""Laws of a day that is rearranged: whatever drops out, nobody is double booked and no rule is broken."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from overstory.pathway.slots import Stretch, ticks, without
from overstory.pathway.timetable.rearranged import Day, Line, hit, rearranged
from overstory.pathway.timetable.rearranging import People, Place, Share, Visit, shares_at

OPENS = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
HOURS = 6
FRAME = Stretch(OPENS, OPENS + timedelta(hours=HOURS))
TOMORROW = Stretch(FRAME.starts + timedelta(days=1), FRAME.ends + timedelta(days=1))
STEP = timedelta(minutes=10)


class Kept:
    """Each visit within its day, or a second one where it may wait; no two of one person at once."""

    def __init__(self, visits: list[Visit], waits: set[str], person: dict[str, int]) -> None:
        self.visits = {each.id: each for each in visits}
        self.waits, self.person = waits, person

    def starts(self, visit):
        found = []
        for frame in (FRAME, TOMORROW):
            at = frame.starts
            while at < frame.ends:
                found.append(at)
                at += STEP
        return sorted(found, key=lambda at: (at >= FRAME.ends, abs(at - visit.starts), at))

    def against(self, visit, starts, stands):
        held = visit.held(starts)
        frame = FRAME if starts < FRAME.ends else TOMORROW
        if held.starts < frame.starts or held.ends > frame.ends:
            return ("closed",)
        if frame is TOMORROW and visit.id not in self.waits:
            return ("window",)
        for other, at in stands.items():
            same = other != visit.id and self.person[other] == self.person[visit.id]
            if same and self.visits[other].held(at).meets(held):
                return ("the person is booked then",)
        return ()


@st.composite
def days(draw):
    chairs = draw(st.integers(1, 4))
    nurses = draw(st.integers(1, 2))
    watch = draw(st.integers(1, 3))
    visits: list[Visit] = []
    taken: set = set()
    people: Counter = Counter()
    for n in range(draw(st.integers(1, 14))):
        chair, tick = draw(st.integers(1, chairs)), draw(st.integers(0, HOURS * 12 - 4))
        minutes = draw(st.sampled_from([20, 35, 60, 120]))
        shares = (Share("nurse", 0, min(minutes, 60), draw(st.sampled_from([1, watch]))),)
        made = Visit(str(n), OPENS + tick * timedelta(minutes=5), minutes, "chair", f"chair {chair}", 1,
                     shares if draw(st.booleans()) else (), can_move=draw(st.integers(0, 9)) > 0)  # fmt: skip
        held = {(chair, each) for each in ticks(made.held(made.starts))}
        wants = {(of, at): amount for of, at, amount in shares_at(made, made.starts)}
        fits = all(people[key] + amount <= nurses * watch for key, amount in wants.items())
        if held & taken or made.held(made.starts).ends > FRAME.ends or not fits:
            continue
        taken |= held
        people.update(wants)
        visits.append(made)
    outs = draw(st.lists(st.tuples(st.integers(1, chairs), st.integers(0, HOURS - 1),
                                   st.integers(1, HOURS)), max_size=3))  # fmt: skip
    places = []
    for chair in range(1, chairs + 1):
        gone = [Stretch(OPENS + timedelta(hours=first), OPENS + timedelta(hours=first + long))
                for which, first, long in outs if which == chair]  # fmt: skip
        places.append(Place(f"chair {chair}", "chair", 1, without([FRAME, TOMORROW], gone)))
    away = draw(st.integers(0, HOURS))
    both = Stretch(FRAME.starts, TOMORROW.ends)
    there = [(both, nurses * watch)]
    if away:
        there.append((Stretch(OPENS, OPENS + timedelta(hours=away)), -watch))
    waits = {each.id for each in visits if draw(st.booleans())}
    person = {each.id: draw(st.integers(0, 6)) for each in visits}
    day = Day(tuple(visits), tuple(places), (People("nurse", tuple(there)),), FRAME)
    return day, Kept(visits, waits, person)


def after(day: Day, lines: tuple[Line, ...]) -> list[Visit]:
    changed = {each.visit.id: each.to for each in lines}
    found = []
    for each in day.visits:
        to = changed.get(each.id, False)
        if to is False:
            found.append(each)
        elif to is not None:
            found.append(replace(each, starts=to.starts, place=to.place, seat=to.seat))
    return found


@settings(max_examples=120, deadline=None)
@given(days())
def test_after_any_repair_every_seat_is_taken_once_and_every_rule_is_kept(made):
    day, rules = made
    lines = rearranged(day, rules)
    stand = after(day, lines)
    moved = {each.visit.id for each in lines}

    seats = Counter((x.place, x.seat, tick) for x in stand for tick in ticks(x.held(x.starts)))
    assert all(count == 1 for count in seats.values())
    changed = replace(day, visits=tuple(stand))
    assert not hit(changed) & moved
    assert not hit(changed)  # what stood ill has another spot, or is told as without one
    stands = {each.id: each.starts for each in stand}
    for each in stand:
        if each.id in moved:
            assert rules.against(each, each.starts, stands) == ()


@settings(max_examples=60, deadline=None)
@given(days())
def test_who_stands_well_keeps_a_spot_of_the_day_and_what_cannot_move_stays(made):
    day, rules = made
    troubled = hit(day)
    lines = rearranged(day, rules)

    for line in lines:
        assert line.visit.can_move
        assert line.is_hit == (line.visit.id in troubled)
        if not line.is_hit:
            assert line.to is not None
            assert FRAME.starts <= line.to.starts < FRAME.ends
    assert not lines or troubled
    assert lines == rearranged(day, rules)


def test_a_device_that_drops_out_costs_nobody_a_call_where_another_is_free():
    visits = tuple(
        Visit(str(n), OPENS + n * timedelta(hours=1), 40, "tms-device", "TMS 1", 1, can_move=True)
        for n in range(4)
    )
    places = (
        Place("TMS 1", "tms-device", 1, (Stretch(OPENS + timedelta(hours=2), FRAME.ends),)),
        Place("TMS 2", "tms-device", 1, (FRAME,)),
    )
    day = Day(visits, places, (), FRAME)

    lines = rearranged(day, Kept(list(visits), set(), {str(n): n for n in range(4)}))

    assert [(each.visit.id, each.to.place) for each in lines] == [("0", "TMS 2"), ("1", "TMS 2")]
    assert all(each.to.starts == each.visit.starts for each in lines)


def test_what_has_no_room_says_so_and_what_may_wait_goes_to_tomorrow():
    visits = tuple(
        Visit(str(n), OPENS + n * timedelta(hours=1), 60, "chair", "Chair 1", 1, can_move=True)
        for n in range(2)
    )
    places = (Place("Chair 1", "chair", 1, (TOMORROW,)),)
    rules = Kept(list(visits), {"1"}, {"0": 0, "1": 1})

    lines = {each.visit.id: each for each in rearranged(Day(visits, places, (), FRAME), rules)}

    assert lines["0"].to is None
    assert lines["1"].to.starts == TOMORROW.starts

"""Who takes of a place on a day at a step."""

from __future__ import annotations

from overstory.pathway.timetable.choices import Choice
from overstory.pathway.timetable.planning import desk_of
from overstory.pathway.timetable.wishes import Standing
from tests.unit.timetable import clinics


def test_who_stands_takes_of_the_device_until_its_turnaround_ends_and_of_the_technician_before():
    desk = desk_of(clinics.instance(clinics.course("a"), clinics.course("b")))
    standing = Standing(desk.choices, desk.grid)
    device, technician = desk.grid.pools.index("device"), desk.grid.pools.index("technician")

    standing.stand(1, Choice(0, (0,), (6,)))  # from nine: 30 minutes, and 10 of turnaround

    assert [standing.at(device, 0, step) for step in (5, 6, 9, 10)] == [[], [1], [1], []]
    assert [standing.at(technician, 0, step) for step in (5, 6, 8, 9)] == [[], [1], [1], []]
    assert standing.at(desk.grid.pools.index("chair"), 0, 6) == []


def test_who_has_left_or_has_moved_stands_there_no_more():
    desk = desk_of(clinics.instance(clinics.course("a"), clinics.course("b")))
    standing = Standing(desk.choices, desk.grid)
    standing.stand(0, Choice(0, (0,), (6,)))
    standing.stand(1, Choice(0, (0,), (6,)))

    standing.stand(0, None)
    standing.stand(1, Choice(0, (0,), (20,)))

    assert standing.at(0, 0, 6) == []
    assert standing.at(0, 0, 20) == [1]
    assert standing.at(0, 10, 20) == []  # ten sessions: none on the eleventh day

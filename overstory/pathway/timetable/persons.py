"""One person in several courses: never on the same day, and not planned in one go."""

from __future__ import annotations

from dataclasses import replace

from overstory.pathway.timetable.instance import Course, Instance, InstanceError


def kept_apart(course: Course, instance: Instance) -> Course:
    """Return the course, away on the days on which its person has something else booked."""
    days = {
        each.on
        for each in instance.booked
        if each.person == course.person and each.person and each.course != course.id
    }
    return replace(course, away=course.away | days) if days else course


def refuse_two_courses(instance: Instance) -> None:
    """
    Refuse to plan two courses of one person together; a course that is held for nobody has none.

    :raises InstanceError: if two courses are of the same person.
    """
    seen: dict[str, str] = {}
    for n, course in enumerate(instance.courses):
        if course.person and course.person in seen:
            raise InstanceError(
                f"courses {seen[course.person]} and {course.id} are both of {course.person}: make "
                "them stages of one course, or plan one and then book the other - at "
                f"`$.courses[{n}].person`"
            )
        seen[course.person] = course.id

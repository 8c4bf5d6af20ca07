"""Courses, people, places and staff to a timetable with standing slots, and a bound beside it."""

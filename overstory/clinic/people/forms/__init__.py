"""The forms of this part: persons, staff, times, sites."""

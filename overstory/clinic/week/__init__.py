"""The clinic's week: the board of the calendar, a day that is repaired, and who waits."""

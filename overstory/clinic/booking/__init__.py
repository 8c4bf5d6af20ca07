"""Visits and courses in the calendar: rooms, chairs, devices, staff."""

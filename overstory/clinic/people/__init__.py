"""Clinics, sites, staff and the persons in care."""

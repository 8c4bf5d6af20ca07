"""What every page knows: the clinic, what its reader may do, and whether all of it is invented."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from overstory.clinic.people.permissions import allowed
from overstory.clinic.people.staff import Staff


def around(request: HttpRequest) -> dict[str, Any]:
    """Return what the layout needs on every page."""
    user = request.user
    clinic = getattr(request, "clinic", None)
    can = allowed(user.role_names) if isinstance(user, Staff) else frozenset()
    return {
        "clinic": clinic,
        "can": {each.name.lower(): True for each in can},
        "is_invented": bool(clinic and clinic.is_invented),
    }

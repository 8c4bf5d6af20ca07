"""Who a session belongs to: the member of staff with clinic and roles, in one query for each page."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import F, FilteredRelation, Q

from overstory.clinic.people.staff import Staff


class StaffBackend(AuthenticationBackend):  # type: ignore[misc] # allauth has no types
    """Signs in as allauth does; reads who is signed in once, with all that each page asks of them."""

    def get_user(self, user_id: Any) -> Staff | None:
        """Return who this is, with clinic and the roles held now; nobody who no longer works here."""
        rows: list[Any] = list(
            Staff.objects.working()
            .filter(pk=user_id)
            .select_related("clinic")
            .annotate(held=FilteredRelation("roles", condition=Q(roles__until=None)))
            .annotate(held_role=F("held__role"))
        )
        if not rows:
            return None
        found: Staff = rows[0]
        found.keep_roles(each.held_role for each in rows if each.held_role)
        return found

"""Staff: who signs in, with which roles, and how they are invited."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from overstory.clinic.people.clinics import Clinic
from overstory.clinic.people.permissions import May, Role, allowed


class StaffQuerySet(models.QuerySet["Staff"]):
    """Staff of one clinic; every read starts at `clinic.staff`."""

    def working(self) -> StaffQuerySet:
        """Leave out those who no longer work here."""
        return self.filter(is_active=True)

    def holding(self, role: Role) -> StaffQuerySet:
        """Keep those at work who hold a role now."""
        return self.working().filter(
            pk__in=StaffRole.objects.filter(role=role, until=None).values("staff")
        )


class StaffManager(BaseUserManager["Staff"]):
    """How accounts are made and found; an e-mail address is the same in any case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Staff:
        """Make an account; without a password it cannot sign in by one."""
        staff = self.model(email=email.strip().lower(), **fields)
        staff.set_password(password)
        staff.save(using=self._db)
        return staff

    def get_by_natural_key(self, username: str | None) -> Staff:
        """Return the account of an e-mail address."""
        return self.get(email__iexact=username)


class Staff(AbstractBaseUser):
    """
    A person who works in one clinic; `called` is how colleagues name them.

    `clinic_changed` is the change of the clinic's record at which this was read, where that is known.
    """

    clinic_changed: int | None = None
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="staff")
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    called = models.CharField(max_length=60)
    phone = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = StaffManager.from_queryset(StaffQuerySet)()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="staff_one_account_an_address")]

    def __str__(self) -> str:
        return self.name

    @property
    def role_names(self) -> frozenset[str]:
        """The roles held now, read once an instance."""
        if "_roles" not in self.__dict__:
            held = self.roles.filter(until=None).values_list("role", flat=True)
            self.__dict__["_roles"] = frozenset(held)
        names: frozenset[str] = self.__dict__["_roles"]
        return names

    def keep_roles(self, names: Iterable[str]) -> None:
        """Take the roles held now as read, by who read them together with this row."""
        self.__dict__["_roles"] = frozenset(names)

    @property
    def actor(self) -> str:
        """Who this is in the record of who did what."""
        return f"staff:{self.pk}"

    def may(self, what: May) -> bool:
        """Return whether one of the roles held allows this."""
        return self.is_active and what in allowed(self.role_names)


class StaffRole(models.Model):
    """A role that someone has or had; it ends, it is not deleted."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=20, choices=[(each.value, each.label) for each in Role])
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "role"],
                condition=models.Q(until=None),
                name="staff_role_once_at_a_time",
            )
        ]


class Invitation(models.Model):
    """A letter to a future member of staff; only the hash of its token is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField()
    name = models.CharField(max_length=120)
    roles = models.JSONField()
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

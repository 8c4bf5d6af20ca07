"""Forms about staff: invitations, roles, and one's own account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from overstory.clinic.people.permissions import Role
from overstory.clinic.people.staff import Staff

ROLES = [(each.value, each.label.capitalize()) for each in Role]


class InviteForm(forms.Form):
    """Invites someone to work here."""

    name = forms.CharField(label="Name", max_length=120)
    email = forms.EmailField(label="E-mail")
    roles = forms.MultipleChoiceField(
        label="Roles", choices=ROLES, widget=forms.CheckboxSelectMultiple
    )

    def roles_given(self) -> list[Role]:
        """Return the roles that were ticked."""
        return [Role(each) for each in self.cleaned_data["roles"]]


class RoleForm(forms.Form):
    """Names one role."""

    role = forms.ChoiceField(label="Role", choices=ROLES)


class AcceptForm(forms.Form):
    """Makes an account out of an invitation."""

    called = forms.CharField(label="What colleagues call you", max_length=60)
    phone = forms.CharField(
        label="Phone for calls at work and on call", max_length=40, required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )  # fmt: skip
    password = forms.CharField(
        label="Password", help_text="At least 12 signs, and not a common one.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    again = forms.CharField(
        label="Password again", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, email: str, name: str, **more: Any) -> None:
        self.future = Staff(email=email, name=name)
        super().__init__(*args, **more)

    def clean(self) -> dict[str, Any]:
        """Refuse two different passwords, and weak ones."""
        given: dict[str, Any] = super().clean() or {}
        password = given.get("password")
        if password:
            if password != given.get("again"):
                self.add_error("again", "The two passwords differ.")
            try:
                validate_password(password, self.future)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return given

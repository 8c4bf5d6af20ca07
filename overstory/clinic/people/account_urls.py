"""Signing in, out, again, and second factors: the pages of allauth that the clinic opens."""

from __future__ import annotations

from allauth.account import views
from django.urls import include, path

from overstory.clinic.people.views.account import remove_passkey

urlpatterns = [
    path("sign-in/", views.login, name="account_login"),
    path("sign-out/", views.logout, name="account_logout"),
    path("sign-in/inactive/", views.account_inactive, name="account_inactive"),
    path("sign-in/again/", views.reauthenticate, name="account_reauthenticate"),
    path("account/password/", views.password_change, name="account_change_password"),
    path(
        "account/second-factor/webauthn/keys/<int:pk>/remove/",
        remove_passkey,
        name="mfa_remove_webauthn",
    ),
    path("account/second-factor/", include("allauth.mfa.urls")),
]

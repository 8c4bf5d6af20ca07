"""All addresses of the clinic, by part."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("overstory.clinic.people.account_urls")),
    path("", include("overstory.clinic.people.urls")),
    path("", include("overstory.clinic.audit.urls")),
    path("", include("overstory.clinic.safety.urls")),
    path("", include("overstory.clinic.intake.urls")),
    path("", include("overstory.clinic.care.urls")),
    path("", include("overstory.clinic.care.choosing_urls")),
    path("", include("overstory.clinic.booking.urls")),
    path("", include("overstory.clinic.week.urls")),
    path("", include("overstory.clinic.arriving.urls")),
    path("", include("overstory.clinic.worklists.urls")),
    path("", include("overstory.clinic.booking.hold_urls")),
    path("", include("overstory.clinic.demo.urls")),
]
handler404 = "overstory.clinic.ui.errors.not_found"
handler500 = "overstory.clinic.ui.errors.broken"
handler403 = "overstory.clinic.ui.errors.refused"

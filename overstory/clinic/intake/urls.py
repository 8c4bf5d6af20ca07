"""The addresses of first contact and of questionnaires."""

from __future__ import annotations

from overstory.clinic.intake.asking_urls import urlpatterns as asking
from overstory.clinic.intake.filling_urls import urlpatterns as filling

urlpatterns = [*asking, *filling]

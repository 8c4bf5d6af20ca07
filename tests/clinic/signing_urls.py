"""Addresses of accounts and persons, and two invented pages: one is signed, one asks again by itself."""

from django.http import HttpResponse
from django.urls import include, path

from overstory.clinic.people.doors import may, polled, signed_in
from overstory.clinic.people.permissions import May
from overstory.clinic.people.stepup import step_up


@may(May.SIGN_PLAN)
@step_up
def sign_this(request):
    sent = request.POST
    return HttpResponse(f"signed {sent['plan']} {sent['note']} {sent.getlist('many')}")


@polled
@signed_in
def poll(request):
    return HttpResponse("nothing new")


urlpatterns = [
    path("sign-this/", sign_this, name="sign_this"),
    path("poll/", poll, name="poll"),
    path("", include("overstory.clinic.people.account_urls")),
    path("", include("overstory.clinic.people.urls")),
]
handler404 = "overstory.clinic.ui.errors.not_found"

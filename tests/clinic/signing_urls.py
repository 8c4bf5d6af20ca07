"""Addresses of accounts and persons, and two invented pages: one is signed, one asks again by itself."""

from django.http import HttpResponse
from django.template import RequestContext, Template
from django.urls import include, path

from overstory.clinic.people.doors import may, polled, signed_in
from overstory.clinic.people.permissions import May
from overstory.clinic.people.stepup import step_up

FORM = """<!doctype html><html lang="en"><title>Sign</title><link rel="icon" href="/static/ui/mark.svg"><form method="post">{% csrf_token %}
<input type="hidden" name="plan" value="7"><label>Note <input name="note"></label><button>Sign</button></form>"""


@may(May.SIGN_PLAN)
@step_up
def sign_this(request):
    if request.method != "POST":
        return HttpResponse(Template(FORM).render(RequestContext(request)))
    sent = request.POST
    said = f"signed {sent['plan']} {sent['note']} {sent.getlist('many')}"
    return HttpResponse(said, content_type="text/plain")


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

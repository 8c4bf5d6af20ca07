"""The addresses of first contact: public pages of a site, requests, letters."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from overstory.clinic.intake import asking_queue_views as queue
from overstory.clinic.intake import asking_views as views


class LanguageConverter(StringConverter):
    """One of the languages of the public pages."""

    regex = "en|es"


class DeedConverter(StringConverter):
    """What staff can do with a request."""

    regex = "take|give|step|close|open"


register_converter(LanguageConverter, "lang")
register_converter(DeedConverter, "request_deed")

urlpatterns = [
    path("at/<slug:slug>/", views.site_language, name="site"),
    path("<lang:lang>/at/<slug:slug>/", views.site_home, name="site_home"),
    path("<lang:lang>/at/<slug:slug>/compare/", views.site_compare, name="site_compare"),
    path("<lang:lang>/at/<slug:slug>/ask/", views.site_ask, name="site_ask"),
    path("<lang:lang>/at/<slug:slug>/refer/", views.site_refer, name="site_refer"),
    path("<lang:lang>/at/<slug:slug>/thanks/", views.site_thanks, name="site_thanks"),
    path("requests/", queue.requests_queue, name="requests"),
    path("requests/<uuid:request_id>/", queue.request_page, name="request"),
    path("requests/<uuid:request_id>/register/", queue.request_register, name="request_register"),
    path("requests/<uuid:request_id>/<request_deed:what>/", queue.request_act, name="request_act"),
    path("uploads/<uuid:upload_id>/", views.upload, name="upload"),
    path("people/<uuid:person_id>/refer-out/", views.refer_out, name="refer_out"),
    path("people/<uuid:person_id>/letters/<uuid:letter_id>/", views.letter, name="letter"),
]

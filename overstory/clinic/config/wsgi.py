"""The door through which the web server calls the clinic."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from wsgiref.headers import Headers

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.wsgi import get_wsgi_application
from servestatic import ServeStatic

from overstory.clinic.config.serving import end_with_parent
from overstory.clinic.config.warming import warm

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

MAX_AGE_S = 60


def with_files(pages: WSGIApplication) -> ServeStatic:
    """
    Return the pages with the files of all parts before them.

    The files stand before Django, not in its middleware: servestatic's is asynchronous, and in a
    synchronous server it would send each page through an event loop and other threads.
    """
    found = ServeStatic(pages, max_age=MAX_AGE_S, add_headers_function=_as_pages_have)
    for finder in get_finders():
        for path, storage in finder.list(None):
            prefix = getattr(storage, "prefix", None)
            url = f"{settings.STATIC_URL}{prefix}/{path}" if prefix else settings.STATIC_URL + path
            if url not in found.files:
                found.add_file_to_dictionary(url, storage.path(path))
    return found


def _as_pages_have(headers: Headers, path: str, url: str) -> None:
    """Add what Django's security middleware adds to pages."""
    del path, url
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = settings.SECURE_REFERRER_POLICY
    headers["Cross-Origin-Opener-Policy"] = settings.SECURE_CROSS_ORIGIN_OPENER_POLICY
    if settings.SECURE_HSTS_SECONDS:
        headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "overstory.clinic.config.settings")
end_with_parent()
application = with_files(get_wsgi_application())
warm()

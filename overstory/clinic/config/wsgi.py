"""The door through which the web server calls the clinic."""

import os

from django.core.wsgi import get_wsgi_application

from overstory.clinic.config.serving import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "overstory.clinic.config.settings")
end_with_parent()
application = get_wsgi_application()

"""Django's settings: what a clinic sets comes from the environment, secrets from the clinic's folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

try:  # the engine that Python itself brings may have the bug that databases.SAFE_SQLITE tells of
    import pysqlite3
except ImportError:
    pass
else:
    sys.modules["sqlite3"] = pysqlite3

from csp.constants import NONE, SELF
from django.contrib.messages import constants as levels

from overstory.clinic.config.databases import database
from overstory.clinic.config.keys import read_keys

HOME = Path(os.environ.get("OVERSTORY_HOME", "overstory-clinic")).absolute()
ORIGIN = os.environ.get("OVERSTORY_ORIGIN", "http://localhost:8000").rstrip("/")
KEYS = read_keys(HOME)
_ORIGIN = urlsplit(ORIGIN)
_IS_SAFE = _ORIGIN.scheme == "https"

DEBUG = False
SECRET_KEY = KEYS.django
ALLOWED_HOSTS = [_ORIGIN.hostname or "localhost"]
CSRF_TRUSTED_ORIGINS = [ORIGIN]
ROOT_URLCONF = "overstory.clinic.config.urls"
WSGI_APPLICATION = "overstory.clinic.config.wsgi.application"
DATABASES = {"default": database(os.environ.get("DATABASE_URL", ""), home=HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.Staff"
TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
USE_I18N = True
APPEND_SLASH = True

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "overstory.clinic.ui",
    "overstory.clinic.audit",
    "overstory.clinic.people",
    "overstory.clinic.safety",
    "overstory.clinic.intake",
    "overstory.clinic.care",
    "overstory.clinic.holds",
    "overstory.clinic.booking",
    "overstory.clinic.week",
    "overstory.clinic.arriving",
    "overstory.clinic.worklists",
    "overstory.clinic.demo",
    "allauth",  # below ours, whose pages stand for its own
    "allauth.account",
    "allauth.mfa",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "overstory.clinic.people.doors.DoorMiddleware",
    "overstory.clinic.audit.reading.ReadsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "overstory.clinic.people.context.around",
                "overstory.clinic.safety.context.watch",
            ],
            "builtins": ["overstory.clinic.ui.templatetags.overstory"],
        },
    }
]

AUTHENTICATION_BACKENDS = ["overstory.clinic.people.entering.StaffBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "overstory.clinic.people.accounts.ClosedAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = False
MFA_ADAPTER = "overstory.clinic.people.accounts.SealedFactors"
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if _IS_SAFE else 0
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Overstory"
MFA_TOTP_TOLERANCE = 1
"""A phone that is a step of 30 seconds off is let in, as RFC 6238, section 5.2, allows for."""
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _IS_SAFE
STEP_UP_SECONDS = 300
"""For so long after the second factor was given, what is signed asks for no new proof."""
MESSAGE_TAGS = {
    levels.INFO: "is-info",
    levels.SUCCESS: "is-good",
    levels.WARNING: "is-warn",
    levels.ERROR: "is-stop",
}
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
IDLE_MINUTES = 15
"""A staff session without a request for so long is locked."""

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _IS_SAFE
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if _IS_SAFE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _IS_SAFE else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entries",
    }
}
STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [("fonts", str(Path(__file__).parents[2] / "exchange/aid/fonts"))]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = HOME / "mail"
if os.environ.get("OVERSTORY_SMTP"):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = urlsplit(os.environ["OVERSTORY_SMTP"]).hostname or "localhost"
    EMAIL_PORT = urlsplit(os.environ["OVERSTORY_SMTP"]).port or 25
EMAIL_TIMEOUT = 10
"""Seconds after which a mail server that does not answer counts as failed; the worker tries again."""
DEFAULT_FROM_EMAIL = os.environ.get("OVERSTORY_MAIL_FROM", f"clinic@{_ORIGIN.hostname}")
DATA_UPLOAD_MAX_MEMORY_SIZE = 12_000_000
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 10_000_000
AUDIT_READS_SHARE_A_COMMIT = True
"""Whether reads that end together are written in one commit; tests write each by itself."""
WATCH_READ_AGAIN_S = 1
"""Rows that the watch rests on are read again after so long, even if no action was recorded since: no
page may say for longer that nobody is alerted when someone is."""
WORKER_ROUNDS = (
    "overstory.clinic.booking.sweeping.sweep",
    "overstory.clinic.arriving.reminding.remind",
)
"""What the worker does for each clinic in a round beside alerts: takes the clinic and now."""
SILENCED_SYSTEM_CHECKS: list[str] = []

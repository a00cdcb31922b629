"""Settings of the tests: the real ones, made fast. Nothing here changes what is tested."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 50)
os.environ.setdefault("PUBLIC_URL", "http://localhost:8000")
os.environ["ENV_FILE"] = os.devnull

from config.settings import *  # noqa: F403
from config.settings import DATABASES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
# An open connection would keep the test database from being dropped.
DATABASES["default"]["CONN_MAX_AGE"] = 0

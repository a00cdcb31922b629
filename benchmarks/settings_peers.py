"""What the peers share: the same database options as the product has, and nothing that they do not need."""

import os

from config.settings import DATABASES as DATABASES
from config.settings import env

SECRET_KEY = os.environ["SECRET_KEY"]
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
vars().update(env.email_url("EMAIL_URL", default="dummymail://"))
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = "Festival <entradas@example.org>"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]

"""The product's settings; only the names of static files are plain, since nothing was collected."""

from config.settings import *  # noqa: F403
from config.settings import STORAGES as PRODUCT_STORAGES

STORAGES = PRODUCT_STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}

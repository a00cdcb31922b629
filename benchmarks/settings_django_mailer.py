"""django-mailer as its manual has it, without the lock file: one process sends."""

from benchmarks.settings_peers import *  # noqa: F403
from benchmarks.settings_peers import INSTALLED_APPS as SHARED

INSTALLED_APPS = [*SHARED, "mailer"]
EMAIL_BACKEND = "mailer.backend.DbBackend"
MAILER_USE_FILE_LOCK = False

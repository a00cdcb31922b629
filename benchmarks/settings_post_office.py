"""django-post_office as its manual has it; batch and threads come from the benchmark."""

from benchmarks.settings_peers import *  # noqa: F403
from benchmarks.settings_peers import INSTALLED_APPS as SHARED
from benchmarks.settings_peers import env

INSTALLED_APPS = [*SHARED, "post_office"]
EMAIL_BACKEND = "post_office.EmailBackend"
POST_OFFICE = {
    "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
    "BATCH_SIZE": env.int("PEER_BATCH", default=100),
    "THREADS_PER_PROCESS": env.int("PEER_THREADS", default=5),
}

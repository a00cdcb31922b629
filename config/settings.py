"""One file for every installation. What differs comes from the environment; .env.example lists it all."""

import hashlib
import zoneinfo
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.mail_server import read_mail_server
from config.override_recipients import read_test_recipients

# The clocks of the tzdata that requirements.txt names, however old those of the machine are.
zoneinfo.reset_tzpath(to=())

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
ENV_FILE = Path(env.str("ENV_FILE", default=str(BASE_DIR / ".env")))
if ENV_FILE.exists():
    env.read_env(ENV_FILE)

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. `make setup` writes a file .env with a random one; .env.example explains the rest."
    )
# Keys that were changed: logins and links that were made with them still count.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Where people reach this site: the links in messages start with it. Plain http is for one's own computer.
PUBLIC_URL = env.str("PUBLIC_URL", default="http://localhost:8000" if DEBUG else "https://localhost").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])
# Shown as a band on every page and required by `manage.py demo_*`; never set it on a real installation.
DEMO = env.bool("DEMO", default=False)
# Safe mode: while it is set, every message goes to these test addresses and none to a real person.
OVERRIDE_RECIPIENTS = read_test_recipients(env.list("OVERRIDE_RECIPIENTS", default=[]))

INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "config.apps.PregoneroAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django_q",
    "timezone_field",
    "tickets",
    "whatsapp",
    "campaigns",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.ContentSecurityPolicyMiddleware",
    "config.middleware.ZeroByteMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # templates/ comes before those of Django
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "config.context.site",
            ],
        },
    }
]

# --- database ---------------------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'var' / 'pregonero.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE is a condition, not a preference: with deferred transactions concurrent workers fail with
    # "database is locked". synchronous=FULL is what makes "written ahead" also hold when the power goes.
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        }
    )
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
else:
    # Our questions have many parts and few answers: to compile one that is answered in 0.3 s can take 15 s.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- background work --------------------------------------------------------------------------------------------

# Dispatcher slots: two, so that the death of one is not missed while the other works.
DISPATCHERS = env.int("DISPATCHERS", default=2)
DISPATCH_SECONDS = env.float("DISPATCH_SECONDS", default=40.0)  # one slice of a dispatcher
LEASE_SECONDS = env.float("LEASE_SECONDS", default=45.0)  # a dead owner's lane is free after this
TICK_SECONDS = env.float("TICK_SECONDS", default=60.0)
# The worker gives itself up for a restart when work was due and nothing has run for this long.
STALE_SECONDS = env.float("STALE_SECONDS", default=180.0)
GATEWAY_CONNECT_SECONDS = env.float("GATEWAY_CONNECT_SECONDS", default=5.0)
GATEWAY_READ_SECONDS = env.float("GATEWAY_READ_SECONDS", default=90.0)
PROBE_SECONDS = env.float("PROBE_SECONDS", default=15.0)  # between two looks at a gateway that is not ready
EMAIL_LANES = env.int("EMAIL_LANES", default=1 if DATABASES["default"]["ENGINE"].endswith("sqlite3") else 2)
EMAIL_CONNECTIONS = env.int("EMAIL_CONNECTIONS", default=5)

# Which database this computer sends for: a file, so that a copy that wakes up elsewhere or an old one that is put back
# asks before it sends (campaigns/installation.py). Without a disk that lasts: an identity in the environment.
INSTALLATION_ID = env.str("INSTALLATION_ID", default="")
_database = Path(DATABASES["default"]["NAME"])
_folder = _database.parent if DATABASES["default"]["ENGINE"].endswith("sqlite3") else BASE_DIR / "var"
INSTALLATION_FILE = env.str("INSTALLATION_FILE", default=str(_folder / f"{_database.stem}.installation.json"))

LONGEST_CHECK_SECONDS = GATEWAY_CONNECT_SECONDS + 15  # whether a number has WhatsApp, asked before a message
_longest_task = int(DISPATCH_SECONDS + LONGEST_CHECK_SECONDS + GATEWAY_CONNECT_SECONDS + GATEWAY_READ_SECONDS) + 15
Q_CLUSTER = {
    "name": "pregonero",
    "workers": DISPATCHERS + 2,
    "queue_limit": 1,  # more would hand out tasks that wait in memory until they are handed out again
    "timeout": _longest_task,
    "retry": 2 * _longest_task + 60,
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    "recycle": 500,
    "poll": 0.2,
    "guard_cycle": 1,
    "bulk": 1,
    "save_limit": 250,
    "save_limit_per": "func",
    "label": _("Background tasks"),
}
if Q_REDIS_URL := env.str("Q_REDIS_URL", default=""):
    Q_CLUSTER["redis"] = Q_REDIS_URL
else:
    Q_CLUSTER["orm"] = "default"

# Gateways of your own, as dotted paths to their classes; see docs/adding-a-gateway.md.
WHATSAPP_GATEWAYS = env.list("WHATSAPP_GATEWAYS", default=[])

# --- e-mail -----------------------------------------------------------------------------------------------------

vars().update(read_mail_server(env))
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=30)  # Django has none, and a silent server would hold a lane
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Pregonero <entradas@localhost>")
EMAIL_MESSAGES_PER_CONNECTION = env.int("EMAIL_MESSAGES_PER_CONNECTION", default=100)  # 0: as many as the server takes
EMAIL_MESSAGE_ID_DOMAIN = env.str("EMAIL_MESSAGE_ID_DOMAIN", default="")

# --- language, time, numbers ------------------------------------------------------------------------------------

LANGUAGE_CODE = "es"
LANGUAGES = [("es", "Español"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="America/Bogota")

DEFAULT_COUNTRY_FUNCTION = "whatsapp.limits.default_country"
TICKET_TEXT_CHECK = "campaigns.text_messages.check_ticket_text"

# --- files ------------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Pictures of events and campaigns. Nothing in here is ever served by address; views check who asks.
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / "var" / "media")).root
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

# --- security ---------------------------------------------------------------------------------------------------

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["config.languages.StaffBackend"]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# Gateway keys are encrypted with the first of these; the others still decrypt, so a key can be changed.
# Without any, one is derived from SECRET_KEY, which then cannot change without typing the gateway keys again.
ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS", default=[])
if not ENCRYPTION_KEYS:
    ENCRYPTION_KEYS = [hashlib.sha256(b"pregonero gateway keys" + SECRET_KEY.encode()).hexdigest()]

_https = not PUBLIC_URL.startswith("http://")
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=_https)
# Asked and posted to by programs in the same network over plain http, which follow no redirect. Whoever came by it has
# shown the secret of the address already.
SECURE_REDIRECT_EXEMPT = [r"^health/$", r"^hooks/whatsapp/"]
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if _https else 0)
# Of this name alone: what else a club runs under its domain is not ours to decide about.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # they ask for just that
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if _https else []
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no_hook_secrets": {"()": "whatsapp.webhooks.masking.MaskHookAddress"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django-q": {"level": env.str("Q_LOG_LEVEL", default="WARNING"), "handlers": ["console"], "propagate": False},
        "django.request": {"filters": ["no_hook_secrets"]},
        "django.security.DisallowedHost": {"filters": ["no_hook_secrets"]},
        "django.server": {"filters": ["no_hook_secrets"], "handlers": ["console"], "level": "INFO", "propagate": False},
        "fontTools": {"level": "WARNING"},  # else it tells of every letter of every ticket
        "fpdf": {"level": "WARNING"},
    },
}

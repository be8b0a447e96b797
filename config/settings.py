"""Settings of the product. What differs between installations comes from the environment (environment.py)."""

from csp.constants import NONCE, NONE, SELF

from config import environment
from config.environment import ROOT, value

MODE = environment.mode()
IS_DEMO = MODE == "demo"
DEBUG = False
SECRET_KEY = environment.secret_key(MODE)
PUBLIC_URL = value("PUBLIC_URL", "http://localhost:8000" if MODE != "production" else None).rstrip("/")
ALLOWED_HOSTS = value("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver" if MODE != "production" else None).split(
    ","
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
IS_HTTPS = PUBLIC_URL.startswith("https://")
BEHIND_PROXY = value("BEHIND_PROXY", "0") == "1"

INSTALLED_APPS = [
    "config",
    "portfolio",
    "programmes",
    "partners",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "drf_spectacular",
    "pgtrigger",
    "rest_framework",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.requests.PlainTextMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.middleware.RefusalMiddleware",
    "config.contacts.ContactMiddleware",
    "config.middleware.PersonalPageMiddleware",
    "config.requests.ParametersMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

_CONTEXT_PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "csp.context_processors.nonce",
    "config.shell.shell_context",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {"environment": "config.jinja.environment", "context_processors": _CONTEXT_PROCESSORS},
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": _CONTEXT_PROCESSORS},
    },
]

# The application runs as the role of DATABASE_URL; only migrations run as the owner of the tables (ADR 0002).
RUNS_AS_OWNER = value("DATABASE_ROLE", "app") == "owner"
DATABASE_URL = value("DATABASE_URL", "postgresql://app@/portfolio" if MODE == "test" else None)
DATABASE_OWNER_URL = value("DATABASE_OWNER_URL", DATABASE_URL)
DATABASES = {
    "default": environment.database(
        DATABASE_OWNER_URL if RUNS_AS_OWNER else DATABASE_URL,
        pool=MODE != "test" and not RUNS_AS_OWNER,
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = value("REDIS_URL", "redis://localhost:6379/0" if MODE == "test" else None)
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

AUTH_USER_MODEL = "partners.User"
AUTHENTICATION_BACKENDS = ["config.accounts.Accounts"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if MODE == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_ADAPTER = "config.adapters.MailingAccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = True  # every sign-in lasts SESSION_COOKIE_AGE, as the privacy page says
ACCOUNT_RATE_LIMITS = {  # an address ("ip") may stand for a whole organisation behind its proxy; "key" is one account
    "login": "600/m/ip",
    "login_failed": "10/5m/key,300/5m/ip",
    "reset_password": "60/m/ip,5/m/key",
    "reset_password_from_key": "60/m/ip",
}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0
MFA_ADAPTER = "partners.people.adapter.AuthenticatorAdapter"
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
MFA_TOTP_ISSUER = "Transformation portfolio"
SESSION_ENGINE = "partners.people.sessions"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_FAILURE_VIEW = "config.pages.csrf_failure"
SECURE_HSTS_SECONDS = 31536000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # asked from inside, without a certificate
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "static-collected"
STATICFILES_DIRS = [ROOT / "config" / "frontend" / "dist"] if (ROOT / "config" / "frontend" / "dist").is_dir() else []
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = MODE != "production"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if MODE == "production"
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Mail: one relay. The post room sends reminders itself; allauth's password mails use Django's backend.
SMTP_URL = value("SMTP_URL", "smtp://localhost:25")
SMTP = environment.smtp(SMTP_URL)
EMAIL_HOST, EMAIL_PORT = SMTP["host"], SMTP["port"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = SMTP["user"], SMTP["password"]
EMAIL_USE_TLS, EMAIL_USE_SSL = SMTP["starttls"], SMTP["ssl"]
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = environment.sender(value("SENDER", "Transformation portfolio <portfolio@example.org>"))
MESSAGE_ID_DOMAIN = value("MESSAGE_ID_DOMAIN", "portfolio.example.org")
MAILBOX_URL = value("MAILBOX_URL", "")  # the demo's mailbox page
POST = environment.post(DATABASE_URL)
NOTIFY = {  # GOV.UK Notify in place of the relay, where there is a key
    "key": value("NOTIFY_API_KEY", ""),
    "template": value("NOTIFY_TEMPLATE_ID", ""),
    "url": value("NOTIFY_URL", "https://api.notifications.service.gov.uk"),
}

CELERY_BROKER_URL = environment.celery_broker(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000  # KiB
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,  # seconds; longer than any task
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
}
CELERY_TIMEZONE = "UTC"
TICK_SECONDS = int(value("TICK_SECONDS", "60"))
METRICS_TOKEN = value("METRICS_TOKEN", "")  # opens /metrics; without one there is no such page
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "config.tick", "schedule": TICK_SECONDS, "options": {"expires": TICK_SECONDS}},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(environment.STATE_FOLDER / "celerybeat-schedule")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "partners.people.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated", "config.contacts.OpenToContacts"],
    "DEFAULT_RENDERER_CLASSES": ["config.rendering.FastJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.parsing.PlainJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "config.pagination.PageNumbers",
    "PAGE_SIZE": 100,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.api_errors.answer",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Transformation portfolio",
    "DESCRIPTION": "Programmes, workstreams, reviews, consultations and reminders: the same acts as the pages.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {  # choices whose fields share a name with those of others
        "AskEnum": "programmes.workstreams.enums.Ask",
        "AskKindEnum": "programmes.overview.serializers.ASK_KINDS",
        "ConsultationStateEnum": "programmes.consultations.enums.ConsultationState",
        "ContradictionKindEnum": "programmes.reporting.enums.ContradictionKind",
        "DecisionStateEnum": "programmes.decisions.enums.DecisionState",
        "DeliveryConfidenceEnum": "programmes.workstreams.enums.DeliveryConfidence",
        "DeliveryMilestoneStateEnum": "programmes.scheduling.serializers.milestones.STATES",
        "EngagementKindEnum": "programmes.engagements.enums.EngagementKind",
        "EstimateKindEnum": "portfolio.plan.enums.EstimateKind",
        "ExceptionKindEnum": "programmes.workstreams.enums.ExceptionKind",
        "GateResultEnum": "programmes.scheduling.enums.GateResult",
        "HoldKindEnum": "partners.post.enums.HoldKind",
        "HoldingKindEnum": "partners.people.enums.HoldingKind",
        "ImpactEnum": "programmes.raid.enums.Impact",
        "ImportKindEnum": "programmes.imports.enums.ImportKind",
        "LikelihoodEnum": "programmes.raid.enums.Likelihood",
        "MemberRoleEnum": "partners.consortia.enums.MemberRole",
        "MessageStateEnum": "partners.post.enums.MessageState",
        "OverallRatingEnum": "portfolio.board.serializers.RATINGS",
        "PartnerFateEnum": "programmes.decisions.enums.PartnerFate",
        "PositionKindEnum": "programmes.register.enums.PositionKind",
        "QuestionKindEnum": "programmes.consultations.enums.QuestionKind",
        "RaidKindEnum": "programmes.raid.enums.RaidKind",
        "RatingEnum": "programmes.workstreams.enums.Rating",
        "RatingSourceEnum": "programmes.workstreams.serializers.SOURCES",
        "RelationshipStateEnum": "partners.consortia.enums.RelationshipState",
        "ReportStateEnum": "programmes.reporting.serializers.REPORT_STATES",
        "RelationshipStateFilterEnum": "partners.consortia.serializers.STATES",
        "ReviewStateEnum": "programmes.reviews.enums.ReviewState",
        "RoleEnum": "partners.people.enums.Role",
        "ScopeKindEnum": "partners.people.enums.ScopeKind",
        "SectorEnum": "partners.organisations.enums.Sector",
        "StageStateEnum": "programmes.scheduling.enums.StageState",
        "TaskStateEnum": "programmes.consultations.enums.TaskState",
        "TermKindEnum": "partners.consortia.enums.TermKind",
        "WorkFateEnum": "programmes.decisions.enums.WorkFate",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "config.logs.WithoutSecrets",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": value("LOG_LEVEL", "INFO" if MODE != "test" else "WARNING")},
}

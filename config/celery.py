"""The Celery application. Beat carries one interval tick in UTC; due times are rows, never timers."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("portfolio")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["config", "portfolio", "programmes", "partners"])

from django.apps import AppConfig
from django.db.backends.signals import connection_created

from config.timestamps import read_timestamps_fast


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        connection_created.connect(read_timestamps_fast)

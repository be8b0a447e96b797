from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class ChaosConfig(AppConfig):
    name = "tests.chaos"
    label = "chaos"

    def ready(self) -> None:
        """Wraps the post room's seams in this process, having broken it where a broken sender is asked for."""
        if settings.SABOTAGE:
            import_module("tests.chaos.sabotaged").BROKEN[settings.SABOTAGE]()
        import_module("tests.chaos.seams").install(settings.CHAOS_FOLDER)

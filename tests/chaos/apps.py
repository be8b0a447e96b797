from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class ChaosConfig(AppConfig):
    name = "tests.chaos"
    label = "chaos"

    def ready(self) -> None:
        """Wraps the post room's seams in this process, having broken it where a broken sender is asked for."""
        if sabotage := getattr(settings, "SABOTAGE", ""):
            import_module("tests.chaos.sabotaged").BROKEN[sabotage]()
        import_module("tests.chaos.seams").install(getattr(settings, "CHAOS_FOLDER"))  # noqa: B009 - not a setting of the product

"""The product's settings, with the app that wraps its seams. For the processes that the harness starts."""

import os
from pathlib import Path

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS, POST

INSTALLED_APPS = [*INSTALLED_APPS, "tests.chaos"]
CHAOS_FOLDER = Path(os.environ["CHAOS_FOLDER"])
SABOTAGE = os.environ.get("CHAOS_SABOTAGE", "")
POST["resolver"] = f"file://{CHAOS_FOLDER}/mail.log"
if SABOTAGE == "one lease":
    POST["in_flight"] = POST["claim"]

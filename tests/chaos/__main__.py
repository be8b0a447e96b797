"""``make chaos N=20000 SEED=7``: breaks everything while N reminders go out, then counts what was lost or doubled.

The last line is one JSON object; the exit status is 1 when anything was lost, doubled or left unresolved. ``NO_BROKER=1``
runs the loop of ``manage.py`` in place of workers, beat and Valkey. ``KEEP=1`` leaves the logs. Linux only.
"""

import os
import sys

from tests.chaos.run import run

if __name__ == "__main__":
    sys.exit(
        run(
            people=int(os.environ.get("N") or 2000),
            seed=int(os.environ.get("SEED") or 1),
            has_broker=os.environ.get("NO_BROKER", "") in ("", "0"),
            keeps_logs=os.environ.get("KEEP", "") not in ("", "0"),
        )
    )

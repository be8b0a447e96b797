"""``make bench``: generates a portfolio, measures, prints; exits 1 where a goal is missed. ``N=100`` for a smaller one."""

import os
import sys
from importlib import import_module

from bench.generate import generated_portfolio

PROGRAMMES = int(os.environ.get("N", "1000"))
RUNS = int(os.environ.get("RUNS", "30"))

if __name__ == "__main__":
    print(f"{PROGRAMMES:,} programmes, {20 * PROGRAMMES:,} workstreams, {250 * PROGRAMMES:,} statuses:", flush=True)
    with generated_portfolio(PROGRAMMES):
        pages = import_module("bench.pages")  # it reads Django's models, which are there only now
        all_met = pages.main(RUNS)
    sys.exit(0 if all_met else 1)

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders


@pytest.fixture
def finds() -> Callable[[str], str]:
    """The text of a built static file."""

    def read(name: str) -> str:
        found = finders.find(name)
        assert found, f"{name} has not been built: run `npm ci && npm run build`."
        return Path(found).read_text()

    return read

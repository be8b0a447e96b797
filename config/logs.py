"""What the product writes to its log."""

import logging
import re

SECRET = re.compile(r"(/answer/[0-9a-f-]{36}/|/feeds/)[^/\s?]+")


class WithoutSecrets(logging.Formatter):
    """Leaves the secret of an answer link or of a calendar address out of every line, of a traceback too."""

    def format(self, record: logging.LogRecord) -> str:
        return SECRET.sub(r"\1[secret]", super().format(record))

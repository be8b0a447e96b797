import hashlib
import secrets

TOKEN_PREFIX = "tp_"
TOKEN_BYTES = 24  # 192 bits


def new_secret() -> str:
    """A fresh token secret, shown once."""
    return TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(secret: str) -> str:
    """SHA-256 in hexadecimal; enough for a secret of 192 random bits, which nobody can guess from its hash."""
    return hashlib.sha256(secret.encode()).hexdigest()

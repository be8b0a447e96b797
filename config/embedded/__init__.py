"""PostgreSQL and Valkey from PyPI wheels, for one machine and for trying out.

The wheels are found, never imported: their Python layers change the machine when root runs them.
Used by the demo and the tests whenever DATABASE_URL and REDIS_URL are not set. Knows no Django.
"""

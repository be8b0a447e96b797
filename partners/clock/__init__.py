"""What time it is for the business, and how dates and times are said.

The clock is the database's, moved by an offset in demo and test. Uses audit; every other room may use it.
"""

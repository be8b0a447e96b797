"""What time it is for the business, how dates and times are said, and how a date is typed.

The clock is the database's, moved by an offset in demo and test. Uses audit; every other room may use it.
"""

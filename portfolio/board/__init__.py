"""The CIO's page by exception, what differs since a day, search, saved views, and each role's first page.

Every figure says how many reported; what did not report is late, silent or withheld, never green. Owns saved views; all else is
read from the rooms below.
"""

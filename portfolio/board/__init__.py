"""The CIO's page, search, and each role's first page. No models; reads what the rooms below give.

Every figure says how many reported; what did not report is silent, never green.
"""

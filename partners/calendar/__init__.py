"""When people can be reached: working days, bank holidays, closures, financial years, and the business clock.

Rules take and give plain values. Uses audit and people.
"""

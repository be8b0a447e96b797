"""When people can be reached: working days, bank holidays, closures and financial years.

Rules take and give plain values. Uses audit, clock and people.
"""

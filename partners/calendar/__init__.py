"""When people can be reached: working days, bank holidays, closures and financial years.

Rules take and give plain values. Acts on closures stand above, where it is known what they move. Uses audit, clock and
people.
"""

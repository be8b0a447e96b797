"""Savings required of a portfolio by financial year, pressures on it, and scenarios as ranges."""

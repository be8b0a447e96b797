"""The plant room: settings, routes, workers, embedded servers and the shell of every page.

It imports every floor; nobody imports it.
"""

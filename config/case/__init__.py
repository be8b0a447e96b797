"""The case: West Midlands Police, September 2011 to March 2013, replayed through the real operations."""

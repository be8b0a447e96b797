"""Documents as they were uploaded, and tables read from and written to files."""

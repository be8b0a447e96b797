"""The product on one machine with demo data: `make demo`."""

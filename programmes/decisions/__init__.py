"""Options, the decision by an office on one day, and what the decision does to what it leaves behind."""

"""What was done, by whom and when, and what was refused.

Owns the append-only audit event, the two bases that every model inherits, and the words of a refusal. Knows no
other room: an actor is kept as id and name, without a foreign key, so that an event outlives the account.
"""

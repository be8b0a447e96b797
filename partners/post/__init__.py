"""How people are reached: messages in an outbox, their delivery, and what became of each.

A message reaches exactly one final state. Knows no programme: a room above queues a message under a unique key and
may cancel it. Uses audit, people and calendar.
"""

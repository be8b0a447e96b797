"""What is due to whom and when: planned reminders as rows that people can see and cancel.

A wave is one notice of a milestone; it has one planned reminder per recipient. Rooms above plan waves and end needs
through ``changes``; this room knows none of them. Queues messages with the post room.
"""

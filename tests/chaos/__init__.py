"""The harness that proves the post room: real servers and workers, killed by a seeded schedule, and a checker.

``python -m tests.chaos`` breaks everything while reminders go out, and counts what was lost or doubled;
``python -m tests.chaos.killpoints`` kills a worker at each named point; ``python -m tests.chaos.sabotage`` shows that
broken senders are caught. The checker reads the mail server's log and the database, and nothing else.
"""

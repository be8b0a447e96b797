"""Acts of the post room.

Handing over (``delivering``), clearing up (``sweeping``, ``bouncing``), what an administrator does (``desk``), what
comes into the inbox (``inbox``), the daily mail (``digests``), and what each chooses (``preferences``, ``feeds``).
"""

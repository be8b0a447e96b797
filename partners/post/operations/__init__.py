"""Acts of the post room: handing over (``delivering``), clearing up (``sweeping``), and what an administrator does (``desk``)."""

"""What a programme says it saves: planned, expected and delivered, by financial year."""

"""The top floor: looks across programmes."""

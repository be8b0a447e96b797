"""Acts on status updates: publishing and correcting."""

from programmes.reporting.operations.publishing import PublishedMeanwhile, correct_status_update, record_status_update

__all__ = [
    "PublishedMeanwhile",
    "correct_status_update",
    "record_status_update",
]

"""Pages of the consultations room: a review with its consultations, their design and launch, and answering."""

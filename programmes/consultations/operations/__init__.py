"""Acts of the consultations room: design before launch, the launch, and answering."""

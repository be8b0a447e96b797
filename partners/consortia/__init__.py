"""Consortia with dated members, what each can do, and where the relationship with each stands."""

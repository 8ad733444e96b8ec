"""The instructor's side: one source per exercise, its mistakes and its right variants."""

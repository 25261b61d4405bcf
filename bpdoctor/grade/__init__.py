"""Grade a class: submissions run confined and apart, the parent draws, compares and scores."""

"""What a sync would do, and what it would cost, from counts, a sample and measured speeds."""

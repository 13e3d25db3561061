"""What a sync would do and cost, before it is done."""

"""The tree itself: what changed, bulk build, bringing the store in line, checking."""

"""A tree that follows its documents: only what a change reaches is grouped, and summarized, again."""

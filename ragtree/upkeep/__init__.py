"""An index kept in order: checked, repaired, read out of a damaged file, and freed of what was removed."""

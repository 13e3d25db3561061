"""Maintenance of an index: check it, repair it, recover it from a damaged file, and purge what was removed."""

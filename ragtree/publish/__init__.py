"""Snapshots of an index in a bucket or a folder: publishes them, and keeps a copy up to date on any other machine."""

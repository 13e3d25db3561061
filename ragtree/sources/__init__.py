"""Sources of documents that are no folders of this machine: buckets, repositories and sites."""

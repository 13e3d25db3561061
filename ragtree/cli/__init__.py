"""The `ragtree` command. One file a subcommand; this is the only room that prints, asks and exits."""

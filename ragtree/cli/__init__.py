"""The `ragtree` command, with one file per subcommand. Only this package prints, asks and exits."""

"""`python -m ragtree`."""

from .cli.main import main

main()

"""Whether all that ragtree needs is there and works: the checks of `ragtree doctor`."""

"""The checks of `ragtree doctor`: is everything that ragtree needs present, and does it work?"""

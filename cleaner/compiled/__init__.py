"""Compiled loops. Numba takes half a second to start: callers import them when that pays."""

"""Training of the block model; not part of the installed package."""

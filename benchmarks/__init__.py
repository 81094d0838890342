"""Measurements behind the project's figures; each is a command that anyone can run."""

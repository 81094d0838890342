"""How fast the cleaner is beside its peers: `python -m benchmarks.speed`."""

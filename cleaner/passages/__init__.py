"""Passages that stand in several documents: found by MinHash, verified by alignment, clustered.

In the order of the run: `segment` (kept text to passages), `minhash` (signatures), `candidates`
(buckets to pairs), `align` and `verify` (pairs to matches), `cluster` (matches to clusters).
"""

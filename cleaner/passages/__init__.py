"""Passages that stand in several documents: found by MinHash and seeds, verified, clustered.

In the order of the run:

* `segment`: kept text to paragraphs, sentences and quotations;
* `minhash`, `candidates`: signatures, buckets, pairs of copies;
* `terms`, `seeding`: pairs of words that meet again, documents that share several of them;
* `regions`, `align`, `acceptance`: where the words of two documents meet, which are the same in
  order, whether that is reuse;
* `agency`, `credits`, `relations`: who wrote a text, and how two passages belong together;
* `verify`: all of that for a pair of documents;
* `judgements`: what a person said of a pair;
* `cluster`: accepted matches to clusters.
"""

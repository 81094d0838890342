"""How good a run is: what a person says of its pairs, and what becomes of copies planted in it."""

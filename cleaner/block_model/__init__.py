"""How likely a block is to be main content: features, trained trees, and what each feature says."""

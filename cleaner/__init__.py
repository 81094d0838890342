"""Turn articles from many news outlets into a clean, deduplicated corpus, and show why."""

"""One script a claim; each prints a JSON line a result."""

"""Matching: block index, scoring, identity rules, clusters, ids, decisions and explanations.

``resolve.resolve`` is the one function that a night calls. Everything else here is pure, but for ``index`` (the block
index in the store), ``decisions`` (what stewards said) and ``splink_engine`` and ``train`` (Splink on DuckDB, scratch).
Nothing of Splink is imported on the way of a night: it defines the score, and ``score`` computes the same.
"""

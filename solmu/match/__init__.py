"""Matching: block index, scoring, identity rules, clusters, ids, decisions and explanations.

``resolve.resolve`` is the one function that a night calls, with the model version in force (``bundles``), after a look
whether its threshold still keeps its promise (``proof``): ``due`` says who is to be looked at, ``pairing`` compares,
``linking`` clusters. ``one.Lookup`` answers for one record. On demand ``learn``
trains a version, ``full`` matches everything anew on a copy, and ``drawn`` draws pairs for stewards.

Features, rules, comparisons, blocking, scores, clusters, calibration and explanations are pure; ``index``,
``decisions``, ``bundles``, ``drawn`` and ``proof`` work on the store; ``splink_engine``, ``train`` and ``rescore`` are
Splink on DuckDB, which is scratch. Nothing of Splink is imported on the way of a night: it defines the score, and
``score`` computes the same.
"""

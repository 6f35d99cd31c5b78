"""What a steward does to golden records: merge, unmerge, split, move, pin; each previewed, each undone at any time.

All of it is decisions and pins that are recorded; links, ids and values follow from them by resolving, as they do for
everything else. So what is undone is as it was, and nothing has to remember how.
"""

"""What a steward works with: the queue of asked pairs, the card of one pair, decisions and their undoing, sheets.

The command line and the web pages call the same functions. They take no lock: they write decisions and mark mentions,
and whoever loses a race is shown how things stand now.
"""

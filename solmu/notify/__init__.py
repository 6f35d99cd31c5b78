"""Telling people how a run went: by mail, by webhook, and by a heartbeat that is missed when no run came.

``message`` makes the text, ``smtp``, ``webhook`` and ``heartbeat`` send, ``tell`` decides and keeps the books.
"""

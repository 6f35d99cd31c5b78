"""The mappings that ship with Solmu, as data: ``sources/`` to land, ``targets/`` to push.

A hub's own ``mappings/`` go before these: to change one, copy it there under the same name.
"""

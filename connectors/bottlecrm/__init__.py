"""BottleCRM (PyPI `django-crm`), as a source and as a target.

Its API lists whole streams and tells neither when an account was changed nor by whom. So the hub compares full lists,
and each write leaves two custom fields in the record: our id, by which a create is found again, and a stamp of what the
record was after our write, by which an edit of somebody else's is told from ours.

Sources of facts: the OpenAPI description that a running BottleCRM gives at ``/schema/``, and its behaviour; tried
against django-crm 1.35.
"""

from connectors.bottlecrm.connector import BottleCrmConnector
from connectors.bottlecrm.settings import BottleCrmSettings, BottleCrmStream

__all__ = ["BottleCrmConnector", "BottleCrmSettings", "BottleCrmStream"]

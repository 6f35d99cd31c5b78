"""BottleCRM, a customer relationship management system with a REST API, from PyPI (`django-crm`).

It needs Python 3.12 or later (see newer_python.py) and PostgreSQL. It is installed into `.peers/bottlecrm/`, which git
ignores, with the versions that requirements.txt states; its database, with an organisation and two users, is made once
and kept there as a dump. That takes a few minutes the first time, nearly all of it for BottleCRM's own migrations, and
the package index that pip is set up for.
"""

from tests.peers.bottlecrm.install import available
from tests.peers.bottlecrm.server import Crm, running

__all__ = ["Crm", "available", "running"]

"""Web forms: what Typeform, Tally, HubSpot, Jotform, Netlify, Google Ads and websites' own forms push to `solmu serve`.

Deliveries are judged over their raw bytes before they are stored (``solmu.intake``), and read when they land.
"""

from connectors.webform.connector import WebformConnector
from connectors.webform.settings import FormStream, WebformSettings

__all__ = ["FormStream", "WebformConnector", "WebformSettings"]

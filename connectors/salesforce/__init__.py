"""Salesforce, as a source and as a target.

Known records are updated by their Id; creates are upserts by an external id field of ours, so that one sent twice
makes one record. Up to 200 records go in a call (sObject Collections), larger numbers as jobs of Bulk API 2.0. What
changed is read by SystemModstamp, deleted and merged records among it.

Sources of facts: Salesforce's REST API Developer Guide, Bulk API 2.0 and Bulk API Developer Guide, SOQL and SOSL
Reference, Object Reference. Tried on ``sandbox/salesforce``, not on a live org.
"""

from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.settings import SalesforceSettings, SalesforceStream

__all__ = ["SalesforceConnector", "SalesforceSettings", "SalesforceStream"]

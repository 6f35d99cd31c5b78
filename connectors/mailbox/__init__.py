"""Mail: a mailbox on an IMAP server, a maildir, .eml and mbox files. It is looked at, and never marked or moved.

Each mail is one record, whatever folder it lies in; see ``message.key_of`` for what makes it the same mail.
"""

from connectors.mailbox.connector import MailboxConnector
from connectors.mailbox.settings import MailboxSettings, MailStream, OAuthSettings

__all__ = ["MailStream", "MailboxConnector", "MailboxSettings", "OAuthSettings"]

"""Sheets in a folder: xlsx, xls, ods, csv, tsv. What people send, so nothing in it is taken on trust."""

from connectors.spreadsheet.connector import SpreadsheetConnector
from connectors.spreadsheet.settings import SheetStream, SpreadsheetSettings

__all__ = ["SheetStream", "SpreadsheetConnector", "SpreadsheetSettings"]

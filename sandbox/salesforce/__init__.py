"""A small HTTP stand-in for Salesforce's REST and Bulk 2.0 APIs. What it covers, and from which documents: README.md."""

"""A small HTTP stand-in for Salesforce's REST and Bulk 2.0 APIs. README.md says what it covers, after which pages."""

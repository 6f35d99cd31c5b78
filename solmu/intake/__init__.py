"""The door for what systems push to us: checked, stored durably, and only then acknowledged.

``receiver`` answers, ``store`` keeps, and landing drains the store by delivery id. Nothing here reads what a delivery
says; that is its connector's business.
"""

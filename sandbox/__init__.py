"""Stand-ins for CRM APIs that cannot be had offline. For the demo and the tests; not in the wheel."""

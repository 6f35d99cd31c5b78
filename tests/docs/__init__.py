"""The documentation says what is so: its reference is made from the code, and its examples work."""

"""Every connector held to its contract: ``suite`` says what it asks, ``systems`` how each system is reached."""

"""Every connector held to its contract: ``suite`` says what is asked, ``system`` what it must know of a system."""

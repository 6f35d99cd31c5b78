"""From form to CRM within a minute: small runs beside the nightly one, while `solmu serve` receives.

``small`` is one such run and what it is for, ``pace`` says when the next one is due, ``work`` is the loop of the
process that does them, and ``beside`` keeps that process while a server runs. ``told`` tells of a trouble once.
"""

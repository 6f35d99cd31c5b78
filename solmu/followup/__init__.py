"""How customers are looked after: who has no owner, no next step, nobody to reach, and was not heard from for long.

Figures about records, not about people: nothing here counts what a salesperson did.
"""

"""A process beside this one: how it is started, spoken to and done without. It knows nothing of what it works out."""

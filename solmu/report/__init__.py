"""Reports: what a run did, in numbers that balance."""

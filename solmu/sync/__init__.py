"""Landing, planning, pushing: what a run does, step by step."""

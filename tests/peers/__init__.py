"""Real systems that nobody here wrote, to test against: one module each, named in `@pytest.mark.peer("name")`.

A module has `available() -> str | None`: None where the machine can run that system, else the reason why not, as it is
printed behind `left out: NAME: `. What comes from a package index it installs first, once (place.py); it leaves nothing
running. `python -m tests.peers` asks them all beforehand, as `make test` does.
"""

"""Word lists written as text, so that a table of two hundred words reads as one."""


def word_set(text: str) -> frozenset[str]:
    """The words of a text, separated by white space."""
    return frozenset(text.split())


def phrase_set(text: str) -> frozenset[str]:
    """The phrases of a text, separated by ``|`` or line ends."""
    return frozenset(phrase.strip() for line in text.splitlines() for phrase in line.split("|")) - {""}

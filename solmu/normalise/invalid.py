"""The one error of normalising."""


class Invalid(ValueError):
    """A value that cannot be normalised; what quarantine shows a person.

    ``code`` is short and kebab-case (``"ambiguous-date"``), ``value`` the offending text as it came, ``expected`` what
    would be right, in plain words. The message never contains the value, so it may be logged where values may not.
    """

    def __init__(self, code: str, value: str, message: str, expected: str) -> None:
        super().__init__(f"{message}; expected {expected}")
        self.code = code
        self.value = value
        self.message = message
        self.expected = expected

    def __reduce__(self) -> tuple[type["Invalid"], tuple[str, str, str, str]]:
        # ValueError would be rebuilt from the message alone, and a process pool could not hand the error back.
        return type(self), (self.code, self.value, self.message, self.expected)

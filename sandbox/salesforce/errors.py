"""Errors as the API gives them: an HTTP status, and `[{errorCode, message, fields}]` (or a record's own error)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecordError:
    """Why one record was refused: `{statusCode, message, fields}` in collections, `CODE:message:fields --` in bulk."""

    code: str
    message: str
    fields: tuple[str, ...] = ()

    def for_collection(self) -> dict[str, object]:
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields)}

    def for_request(self) -> dict[str, object]:
        return {"message": self.message, "errorCode": self.code, "fields": list(self.fields)}

    def for_bulk(self) -> str:
        return f"{self.code}:{self.message}:{' '.join(self.fields)} --"


class Refused(Exception):
    """One record, or one value of it, is refused; the rest of the request goes on."""

    def __init__(self, code: str, message: str, *fields: str) -> None:
        super().__init__(f"{code}: {message}")
        self.error = RecordError(code, message, fields)


class ApiError(Exception):
    """The whole request is refused with an HTTP status and one error."""

    def __init__(self, status: int, code: str, message: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}

    def body(self) -> list[dict[str, str]]:
        return [{"message": self.message, "errorCode": self.code}]


class OAuthError(Exception):
    """The token endpoint's refusal: `{error, error_description}` with status 400."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.status = status
        self.error = error
        self.description = description


def not_found(message: str = "The requested resource does not exist") -> ApiError:
    return ApiError(404, "NOT_FOUND", message)

"""Who may ask for a route: parameters of the types below let in whom they name, and are the user."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from solmu.web.roles import Role
from solmu.web.users import User
from solmu.web.visit import visit_of

PASSWORD_PATH = "/account"  # noqa: S105  it is an address
"""Where somebody has to go first whose password was chosen by somebody else."""


class SignInFirst(Exception):
    """Nobody has signed in here, or no more."""


class NotAllowed(Exception):
    """The user's role does not go so far."""

    def __init__(self, needed: Role) -> None:
        super().__init__(needed)
        self.needed = needed


class PasswordFirst(Exception):
    """The user has to choose a password of their own before anything else."""


def at_least(role: Role) -> Callable[[Request], User]:
    """A dependency that lets in users of that role, or a higher one."""

    def check(request: Request) -> User:
        user = visit_of(request).user
        if user is None:
            raise SignInFirst
        if user.must_change and request.url.path != PASSWORD_PATH:
            raise PasswordFirst
        if not user.role.may(role):
            raise NotAllowed(role)
        return user

    return check


Viewer = Annotated[User, Depends(at_least(Role.VIEWER))]
Steward = Annotated[User, Depends(at_least(Role.STEWARD))]
Administrator = Annotated[User, Depends(at_least(Role.ADMINISTRATOR))]

"""Work in a child of this process, which may be killed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

Tell = Callable[[dict[str, Any]], None]


def in_child(work: Callable[[Tell], int]) -> dict[str, Any]:
    """What ``work`` told, under ``signal`` what killed the child, and under ``exit`` the code that ``work`` gave."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        code = 70
        try:
            with os.fdopen(writing, "w") as pipe:

                def tell(document: dict[str, Any]) -> None:
                    pipe.write(json.dumps(document))
                    pipe.flush()

                code = work(tell)
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = json.loads(pipe.read() or "{}")
    _, status = os.waitpid(child, 0)
    killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
    return {"signal": killed, "exit": None if killed else os.WEXITSTATUS(status), **said}

"""How much of the API's daily budget is used, and what happens beyond it.

The real count covers the last 24 hours of the whole org; this one covers the life of the process.
"""

import threading
from typing import Any

from sandbox.salesforce.errors import ApiError

DAILY_CALLS = 15_000
MAX_URI_BYTES = 16_384
MAX_BODY_BYTES = 50_000_000
MAX_UPLOAD_BYTES = 100 * 1024 * 1024


class Limits:
    def __init__(self, daily_calls: int = DAILY_CALLS) -> None:
        self.daily_calls = daily_calls
        self.used = 0
        self._lock = threading.Lock()

    def count(self) -> None:
        """Counts one call. Raises ApiError REQUEST_LIMIT_EXCEEDED, which counts no further."""
        with self._lock:
            if self.used >= self.daily_calls:
                raise ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
            self.used += 1

    def header(self) -> str:
        """For `Sforce-Limit-Info`."""
        return f"api-usage={self.used}/{self.daily_calls}"

    def listing(self, records: int, jobs: int) -> dict[str, Any]:
        """For `/limits`: the entries that a loader of records looks at."""

        def entry(most: int, used: int) -> dict[str, int]:
            return {"Max": most, "Remaining": max(0, most - used)}

        return {
            "DailyApiRequests": entry(self.daily_calls, self.used),
            "DailyBulkV2QueryJobs": entry(10_000, 0),
            "DailyBulkApiBatches": entry(15_000, jobs),
            "DataStorageMB": entry(1_000_000, records * 2 // 1024),
        }

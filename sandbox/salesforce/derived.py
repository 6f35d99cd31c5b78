"""Fields that Salesforce works out itself from the others."""

from collections.abc import Mapping

from sandbox.salesforce import times
from sandbox.salesforce.values import Stored

# What must be known of the record as it was, to work them out after an update of a part.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "Contact": ("FirstName", "LastName"),
    "Lead": ("FirstName", "LastName", "IsConverted"),
    "Task": ("IsClosed",),
}


def derive(sobject: str, changed: Mapping[str, Stored], before: Mapping[str, Stored]) -> dict[str, Stored]:
    """The derived fields that change together with `changed`; `before` is empty for a new record."""
    if sobject in ("Contact", "Lead"):
        if "FirstName" in changed or "LastName" in changed:
            first = changed.get("FirstName", before.get("FirstName"))
            last = changed.get("LastName", before.get("LastName"))
            return {"Name": " ".join(str(part) for part in (first, last) if part)}
    elif sobject == "Task" and "Status" in changed:
        closed = changed["Status"] == "Completed"
        if closed and not before.get("IsClosed"):
            return {"IsClosed": 1, "CompletedDateTime": times.now()}
        return {"IsClosed": 1} if closed else {"IsClosed": 0, "CompletedDateTime": None}
    elif sobject == "Opportunity" and "StageName" in changed:
        stage = changed["StageName"]
        return {"IsClosed": int(stage in ("Closed Won", "Closed Lost")), "IsWon": int(stage == "Closed Won")}
    elif sobject == "CampaignMember" and "Status" in changed:
        return {"HasResponded": int(changed["Status"] == "Responded")}
    return {}

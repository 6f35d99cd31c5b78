"""An opt-out reaches every record that a target has of somebody. Pure.

Of several records of one person only the first is written to, and mail goes out to the others all the same. So this one
field is written to those, too, and nothing else.
"""

from __future__ import annotations

from dataclasses import replace

from solmu.sync.action import OPT_OUT, Action, Context, GoldenView, Kind, RemoteView
from solmu.sync.plan import plan_record
from solmu.sync.planned import TargetStream


def told_of(golden: GoldenView, stream: TargetStream, double: RemoteView, context: Context) -> Action | None:
    """What tells a further record of an opt-out; None where there is none, or where it shows there already."""
    if golden.values.get(OPT_OUT) is not True:
        return None
    wanted = stream.mapping.desired({OPT_OUT: True})
    of_it = {name: each for name, each in wanted.items() if each.source == OPT_OUT}
    # Without our id: by that, the first one is known.
    action = plan_record(golden, of_it, double, replace(context, external_id=None))
    return action if action.kind is Kind.UPDATE else None

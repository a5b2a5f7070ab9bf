"""The command line. Commands are named here and imported when they run, so that `rectify --help` stays light."""

import click

from cases.commands.framework import Group, run

_HERE = "cases.commands."

_COMMANDS = {
    # set up
    "init": _HERE + "setup:init",
    "demo": _HERE + "demo:demo",
    # registers
    "area": _HERE + "staff:area",
    "department": _HERE + "staff:department",
    "person": _HERE + "staff:person",
    "unit": _HERE + "registers:unit",
    "campaign": _HERE + "registers:campaign",
    # moving cases
    "inspect": _HERE + "visits:inspect",
    "inspections": _HERE + "registers:inspections",
    "record": _HERE + "visits:record",
    "correct": _HERE + "visits:correct",
    "order": _HERE + "orders:order",
    "orders": _HERE + "orders:orders",
    "serve": _HERE + "orders:serve",
    "plan": _HERE + "moves:plan",
    "start": _HERE + "moves:start",
    "submit": _HERE + "moves:submit",
    "recheck": _HERE + "orders:recheck",
    "close": _HERE + "moves:close",
    "send-back": _HERE + "moves:send_back",
    "void": _HERE + "moves:void",
    "reopen": _HERE + "moves:reopen",
    "regrade": _HERE + "moves:regrade",
    "amend": _HERE + "moves:amend",
    "assign": _HERE + "moves:assign",
    "note": _HERE + "moves:note",
    "evidence": _HERE + "moves:evidence",
    "escalate": _HERE + "moves:escalate",
    "supervise": _HERE + "moves:supervise",
    "release": _HERE + "moves:release",
    "acknowledge": _HERE + "moves:acknowledge",
    "refer": _HERE + "moves:refer",
    "transfer": _HERE + "moves:transfer",
    "accept": _HERE + "moves:accept",
    "decline": _HERE + "moves:decline",
    # asking
    "show": _HERE + "asking:show",
    "next": _HERE + "asking:next_",
    "history": _HERE + "asking:history",
    "explain": _HERE + "asking:explain",
    "list": _HERE + "asking:list_",
    "mine": _HERE + "asking:mine",
    "overdue": _HERE + "asking:overdue",
    "stuck": _HERE + "asking:stuck",
    "report": _HERE + "asking:report",
    "process": _HERE + "rules:process",
    "policy": _HERE + "rules:policy",
    "audit": _HERE + "audit:audit",
    "doctor": _HERE + "audit:doctor",
    "db": _HERE + "setup:db",
    # the clock; named, not imported: nothing below `schedules` may import it
    "schedule": "schedules.commands:schedule",
    "nightly": "schedules.commands:nightly",
}


@click.group(cls=Group, lazy=_COMMANDS)
@click.version_option(package_name="rectify", prog_name="rectify", message="%(prog)s %(version)s")
def root() -> None:
    """See that safety hazards are really put right.

    \b
    rectify init                     set up a store and become its administrator
    rectify demo                     a whole campaign to look at
    rectify mine                     what waits on you
    rectify stuck                    what is stuck, and why
    """


def main() -> int:
    """Run `rectify` and return its exit code."""
    return run(root)

"""The command line. Commands are named here and imported when they run, so that `rectify --help` stays light.

Each is named with the first sentence of its help, which a test holds to the command's own.
"""

import gc

import click

from cases.commands.framework import Group, run

_HERE = "cases.commands."

# fmt: off
_COMMANDS = {
    # set up
    "init": (_HERE + "setup:init", "Set up a store, or bring an older one up to date, and become its administrator."),
    "demo": (_HERE + "demo:demo", "Replay a whole campaign under its own time, and set its figures beside the ones its report prints."),
    # registers
    "area": (_HERE + "staff:area", "Areas 辖区: the tree from the province down to the village."),
    "department": (_HERE + "staff:department", "Departments 部门: bureaus, township offices, working groups, and their powers."),
    "person": (_HERE + "staff:person", "People 人员: officers of a department, contacts of a unit."),
    "unit": (_HERE + "registers:unit", "Units 生产经营单位: the firms, schools and sites that are inspected."),
    "campaign": (_HERE + "campaigns:campaign", "Campaigns 专项行动: a plan with a time and a scope."),
    "checklist": (_HERE + "counts:checklist", "Checklists 整治提升标准: a campaign's standards, by version."),
    "tally": (_HERE + "counts:tally", "Tallies 统计量: counted things that a report prints, of a campaign or an area."),
    "target": (_HERE + "counts:target", "Targets 目标责任书: what an area or a department is to reach in a year."),
    # moving cases
    "inspect": (_HERE + "visits:inspect", "Record a visit to a unit; it may find nothing."),
    "inspections": (_HERE + "registers:inspections", "Inspections 检查: list and show the visits."),
    "record": (_HERE + "visits:record", "Record a hazard found by an inspection (`last`: the newest one you made)."),
    "look-back": (_HERE + "visits:look_back", "Say what a look-back visit 回头看 saw of ended cases: they stayed, or recurred and are open again."),
    "correct": (_HERE + "visits:correct", "Put general hazards right on the spot, on the day of the inspection."),
    "order": (_HERE + "orders:order", "Order hazards of one unit to be put right: one paper, one item a case."),
    "orders": (_HERE + "orders:orders", "Orders: list, show, withdraw."),
    "serve": (_HERE + "orders:serve", "Serve an order (`last`: the newest one you made); from now on it binds."),
    "plan": (_HERE + "moves:plan", "Put a governance plan 治理方案 on file."),
    "start": (_HERE + "moves:start", "Begin to rectify: the order was served."),
    "submit": (_HERE + "moves:submit", "Apply for the recheck, saying what was done."),
    "recheck": (_HERE + "orders:recheck", "Recheck cases of one unit in one visit, two officers on site."),
    "close": (_HERE + "moves:close", "Close out what was rechecked: general by an inspector, the others by a supervisor who rechecked nothing of it."),
    "send-back": (_HERE + "moves:send_back", "Send a passed recheck back to the inspector."),
    "void": (_HERE + "moves:void", "Void a case that was recorded by mistake, twice, or revoked."),
    "reopen": (_HERE + "moves:reopen", "Open an ended case again: it recurred, or its closing was false."),
    "regrade": (_HERE + "moves:regrade", "Change the grade: up by an inspector; down by a supervisor who did not find it, with evidence."),
    "amend": (_HERE + "moves:amend", "Correct what was written; history keeps both."),
    "assign": (_HERE + "moves:assign", "Give cases to an inspector or supervisor."),
    "note": (_HERE + "moves:note", "Write a note into a case's history."),
    "assist": (_HERE + "moves:assist", "Let departments handle a case jointly 联合处置: each sees it, the one that has it answers."),
    "measure": (_HERE + "moves:measure", "Record a measure about a major hazard: the notice that has the unit's power cut 停电通知, or restored."),
    "evidence": (_HERE + "moves:evidence", "Evidence 佐证: get what was attached to a case, a halt or an exit."),
    "escalate": (_HERE + "moves:escalate", "Report a case up: the next rank is told and becomes answerable too."),
    "supervise": (_HERE + "moves:supervise", "Put a hazard under the supervision of a body 挂牌督办."),
    "release": (_HERE + "moves:release", "Release a listed hazard 摘牌."),
    "acknowledge": (_HERE + "moves:acknowledge", "Take note of an overdue case: silences repeats, not the next rung, never twice running."),
    "refer": (_HERE + "moves:refer", "Refer a case for penalty 移送立案."),
    "transfer": (_HERE + "moves:transfer", "Offer a case to another department; until it accepts, you still act."),
    "accept": (_HERE + "moves:accept", "Accept a transferred case."),
    "decline": (_HERE + "moves:decline", "Decline a transferred case."),
    "extension": (_HERE + "extension:extension", "Extensions 延期: ask for a later date before the old one expires; somebody else decides."),
    "halt": (_HERE + "halt:halt", "Halts 停产整顿: a unit, or part of it, stops for named hazards until they are put right and seen."),
    "exit": (_HERE + "exit:leaving", "Exits 退出: a unit, or a line of it, is shut down, relocated or retreats, and its hazards go with it."),
    # asking
    "show": (_HERE + "asking:show", "Show a case: where it is, whom it waits on, its orders, its evidence."),
    "next": (_HERE + "asking:next_", "Say what may happen to a case now, who may do it, and what is missing."),
    "history": (_HERE + "asking:history", "Show every step of a case along time, and what of it was overdue; with --json in the order of recording."),
    "explain": (_HERE + "asking:explain", "Explain a case's deadline: the rule, its source, every day counted."),
    "list": (_HERE + "asking:list_", "List cases."),
    "mine": (_HERE + "asking:mine", "List what waits on you, most urgent first."),
    "overdue": (_HERE + "asking:overdue", "List what is overdue, by how many days."),
    "stuck": (_HERE + "asking:stuck", "List what is stuck and why, heaviest first."),
    "report": (_HERE + "report:report", "Reports: the figures of a campaign, a period or a year's targets, computed from history."),
    "print": (_HERE + "papers:print_", "Papers 文书: the order that is served, the record, the opinion, the decisions; .docx to edit, or .pdf."),
    "process": (_HERE + "rules:process", "The processes: show, check, diagram."),
    "policy": (_HERE + "policies:policy", "The policy: every limit, ladder and threshold with its source."),
    "calendar": (_HERE + "calendar:calendar", "The working days 工作日历: a year, a count, and the yearly notice they come from."),
    "import": (_HERE + "exchange:import_", "Import an older ledger, or write a template for one."),
    "export": (_HERE + "exchange:export", "Export cases as a ledger that prints and imports again."),
    "audit": (_HERE + "audit:audit", "The chain of history: verify and seal."),
    "doctor": (_HERE + "audit:doctor", "Check the engine: jobs, outbox, schema, calendar, clock, chain, ranks; exit 4 when something is wrong."),
    "db": (_HERE + "setup:db", "The store itself: upgrade, backup, restore, check."),
    # the clock; named, not imported: nothing below `schedules` may import it
    "schedule": ("schedules.commands:schedule", "What happens without anybody typing: the nightly job, the day's checks, the seal."),
    "nightly": ("schedules.commands:nightly", "Let every overdue case climb its ladder, major hazards first: `schedule once deadlines`."),
}
# fmt: on


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
    """Run `rectify` and return its exit code.

    What a command imports stays in use to its end: until its store is open the garbage collector would look through it
    again and again, a fifth of the time it takes to start, and find nothing.
    """
    gc.disable()
    return run(root)

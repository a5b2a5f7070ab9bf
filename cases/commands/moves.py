"""The commands that are one move: start, submit, close, send-back, void, reopen, regrade, listings, transfers, notes."""

from datetime import date
from typing import Any

import click

from cases.commands.framework import Command, Group, asking, at_the_ledger
from cases.commands.printing import answer, outcome
from cases.commands.types import CASE, DAY, DEPARTMENT, PERSON

_CASE = click.argument("case", type=CASE)
_CASES = click.argument("cases", type=CASE, nargs=-1, required=True, metavar="CASE...")
_NOTE = click.option("--note", required=True, help="The reason in words.")
_EVIDENCE = click.option("--evidence", "files", metavar="FILE", multiple=True, help="A photo, report or certificate.")
_IF_VERSION = click.option("--if-version", type=int, metavar="N", help="Only if the case is still at this version.")


def _move(
    trigger: str, cases: tuple[int, ...], texts: dict[str, str | None], if_version: int | None, **given: Any
) -> None:
    """Open the ledger, make one move, print what it did."""
    from cases.verbs import evidence, moves

    files = given.pop("files", ())
    with at_the_ledger() as door:
        kept = evidence.read(files, door.acting.policy)
        outcome(moves.move(door, trigger, cases, texts, files=kept, if_version=if_version, **given))


@click.command(cls=Command)
@_CASES
@_IF_VERSION
def start(cases: tuple[int, ...], if_version: int | None) -> None:
    """Begin to rectify: the order was served.

    \b
    rectify start 12
    """
    _move("start", cases, {}, if_version)


@click.command(cls=Command)
@_CASES
@click.option("--done", required=True, help="What was done.")
@_EVIDENCE
@_IF_VERSION
def submit(cases: tuple[int, ...], done: str, files: tuple[str, ...], if_version: int | None) -> None:
    """Apply for the recheck, saying what was done.

    \b
    rectify submit 12 --done "已分库储存，加装隔墙" --evidence after.jpg
    """
    _move("submit", cases, {"done": done}, if_version, files=files)


@click.command(cls=Command)
@_CASES
@_IF_VERSION
def close(cases: tuple[int, ...], if_version: int | None) -> None:
    """Close out what was rechecked: general by an inspector, the others by a supervisor who rechecked nothing of it.

    \b
    rectify close 12 13
    """
    _move("close", cases, {}, if_version)


@click.command("send-back", cls=Command)
@_CASE
@_NOTE
@_IF_VERSION
def send_back(case: int, note: str, if_version: int | None) -> None:
    """Send a passed recheck back to the inspector.

    \b
    rectify send-back 12 --note "照片与现场不符"
    """
    _move("send_back", (case,), {"note": note}, if_version)


@click.command(cls=Command)
@_CASE
@click.option("--reason", type=click.Choice(["mistaken", "duplicate", "revoked"]), required=True, help="Why.")
@click.option("--of", type=CASE, metavar="CASE", help="The case that stays, of a duplicate.")
@click.option("--number", help="The number of the decision that revoked it.")
@_NOTE
@_IF_VERSION
def void(case: int, **said: Any) -> None:
    """Void a case that was recorded by mistake, twice, or revoked.

    \b
    rectify void 14 --reason duplicate --of 12 --note "同一隐患"
    """
    from cases.verbs import moves

    with at_the_ledger() as door:
        outcome(moves.void(door, case, **said))


@click.command(cls=Command)
@_CASE
@click.option("--inspection", help="The inspection that saw it again.")
@_NOTE
@_IF_VERSION
def reopen(case: int, inspection: str | None, note: str, if_version: int | None) -> None:
    """Open an ended case again: it recurred, or its closing was false.

    \b
    rectify reopen 12 --inspection last --note "再次混放"
    """
    from cases.verbs import moves

    with at_the_ledger() as door:
        outcome(moves.reopen(door, case, inspection, note, if_version=if_version))


@click.command(cls=Command)
@_CASE
@click.option("--grade", type=click.Choice(["general", "larger", "major"]), required=True, help="The new grade.")
@click.option("--basis", required=True, help="The standard or finding it rests on.")
@_EVIDENCE
@_IF_VERSION
def regrade(case: int, grade: str, basis: str, files: tuple[str, ...], if_version: int | None) -> None:
    """Change the grade: up by an inspector; down by a supervisor who did not find it, with evidence.

    \b
    rectify regrade 12 --grade major --basis "重大事故隐患判定标准第3条"
    """
    _move("regrade", (case,), {"basis": basis}, if_version, grade=grade, files=files)


@click.command(cls=Command)
@_CASE
@click.option("--text", help="The corrected text.")
@click.option("--place", help="The corrected place.")
@click.option("--sector", help="The corrected sector.")
@click.option("--line", help="The production line it belongs to.")
@_NOTE
@_IF_VERSION
def amend(case: int, if_version: int | None, **texts: str | None) -> None:
    """Correct what was written; history keeps both.

    \b
    rectify amend 12 --place "3号库房" --note "原记录有误"
    """
    _move("amend", (case,), texts, if_version)


@click.command(cls=Command)
@_CASES
@click.option("--to", type=PERSON, required=True, help="Who takes it.")
@_IF_VERSION
def assign(cases: tuple[int, ...], to: str, if_version: int | None) -> None:
    """Give cases to an inspector or supervisor.

    \b
    rectify assign 12 13 --to 李强
    """
    from cases.verbs import moves

    with at_the_ledger() as door:
        outcome(moves.assign(door, cases, to, if_version=if_version))


@click.command(cls=Command)
@_CASE
@click.argument("text")
@click.option("--kind", type=click.Choice(["study"]), help="A special study 专题研究 of it: who met, what was decided.")
@_EVIDENCE
@_IF_VERSION
def note(case: int, text: str, kind: str | None, files: tuple[str, ...], if_version: int | None) -> None:
    """Write a note into a case's history.

    \b
    rectify note 12 "企业已联系设计院"
    rectify note 12 "区安委会专题研究，确定搬迁方案" --kind study
    """
    _move("note", (case,), {"note": text}, if_version, files=files, **({} if kind is None else {"kind": kind}))


@click.command(cls=Command)
@_CASE
@click.option(
    "--with", "departments", type=DEPARTMENT, multiple=True, required=True, help="A department that joins in."
)
@_NOTE
@_IF_VERSION
def assist(case: int, departments: tuple[str, ...], note: str, if_version: int | None) -> None:
    """Let departments handle a case jointly 联合处置: each sees it, the one that has it answers.

    \b
    rectify assist 12 --with 县消防大队 --with 县环保局 --note "涉及消防与环保，合力整改"
    """
    from cases.verbs import moves

    with at_the_ledger() as door:
        outcome(moves.assist(door, case, departments, note, if_version=if_version))


@click.command(cls=Command)
@_CASE
@click.option("--kind", type=click.Choice(["power_cut", "power_restored"]), required=True, help="Which measure.")
@click.option("--to", metavar="SUPPLIER", required=True, help="Whom the notice tells.")
@click.option("--number", required=True, help="The notice's number.")
@click.option("--from", "begins", type=DAY, help="The day from which it holds; for a power cut a later one than today.")
@click.option("--danger", is_flag=True, help="It holds at once: there is danger.")
@_NOTE
@_EVIDENCE
@_IF_VERSION
def measure(case: int, note: str, files: tuple[str, ...], if_version: int | None, **said: Any) -> None:
    """Record a measure about a major hazard: the notice that has the unit's power cut 停电通知, or restored.

    \b
    rectify measure 12 --kind power_cut --to 临澜供电所 --number 停〔2026〕1号 --from 2026-12-02 --note "拒不执行停产决定"
    """
    texts = {"note": note, "to": said.pop("to"), "number": said.pop("number")}
    _move("measure", (case,), texts, if_version, files=files, **said)


@click.command(cls=Command)
@_CASE
@click.option("--goal", required=True, help="Goals and tasks.")
@click.option("--method", required=True, help="Methods and measures.")
@click.option("--funds", required=True, metavar="AMOUNT", help="Funds and materials, in 万元.")
@click.option("--organisation", required=True, help="Organisation and people.")
@click.option("--deadline", type=DAY, required=True, help="The time limit.")
@click.option("--emergency", required=True, help="Safety measures and emergency plan.")
@_IF_VERSION
def plan(case: int, deadline: date, if_version: int | None, **parts: str) -> None:
    """Put a governance plan 治理方案 on file.

    \b
    rectify plan 12 --goal 消除隐患 --method 新建库房 --funds 35 --organisation 张伟 --deadline 2027-03-01 --emergency 停用并值守
    """
    from cases.verbs import moves

    with at_the_ledger() as door:
        outcome(moves.plan(door, case, parts, deadline, if_version=if_version))


@click.command(cls=Command)
@_CASE
@click.option(
    "--reason",
    type=click.Choice(["overdue", "refusal", "beyond_power", "danger"]),
    required=True,
    help="Why it goes up.",
)
@_NOTE
@_IF_VERSION
def escalate(case: int, reason: str, note: str, if_version: int | None) -> None:
    """Report a case up: the next rank is told and becomes answerable too.

    \b
    rectify escalate 12 --reason refusal --note "拒不整改"
    """
    from cases.verbs import moves

    with at_the_ledger() as door:
        outcome(moves.escalate(door, case, reason, note, if_version=if_version))


@click.command(cls=Command)
@_CASE
@click.option("--body", type=DEPARTMENT, required=True, help="The body that lists it.")
@click.option("--number", required=True, help="The number of the listing.")
@click.option("--due", type=DAY, required=True, help="The listing's own date.")
@_IF_VERSION
def supervise(case: int, body: str, number: str, due: date, if_version: int | None) -> None:
    """Put a hazard under the supervision of a body 挂牌督办.

    \b
    rectify supervise 12 --body 区安委会 --number 督〔2026〕3号 --due 2027-01-31
    """
    from cases.verbs import moves

    with at_the_ledger() as door:
        outcome(moves.supervise(door, case, body, number, due, if_version=if_version))


@click.command(cls=Command)
@_CASE
@_NOTE
@_IF_VERSION
def release(case: int, note: str, if_version: int | None) -> None:
    """Release a listed hazard 摘牌.

    \b
    rectify release 12 --note "已整改到位"
    """
    _move("release", (case,), {"note": note}, if_version)


@click.command(cls=Command)
@_CASE
@click.option("--until", type=DAY, required=True, help="Until when repeats are silent; at most 30 days.")
@_NOTE
@_IF_VERSION
def acknowledge(case: int, until: date, note: str, if_version: int | None) -> None:
    """Take note of an overdue case: silences repeats, not the next rung, never twice running.

    \b
    rectify acknowledge 12 --until 2026-12-10 --note "设备在途"
    """
    _move("acknowledge", (case,), {"note": note}, if_version, until=until)


@click.command(cls=Command)
@_CASE
@click.option("--number", required=True, help="The referral's number.")
@_NOTE
@_IF_VERSION
def refer(case: int, number: str, note: str, if_version: int | None) -> None:
    """Refer a case for penalty 移送立案.

    \b
    rectify refer 12 --number 案〔2026〕8号 --note "逾期未整改"
    """
    _move("refer", (case,), {"number": number, "note": note}, if_version)


@click.command(cls=Command)
@_CASE
@click.option("--to", type=DEPARTMENT, required=True, help="The department that should take it.")
@_NOTE
@_IF_VERSION
def transfer(case: int, to: str, note: str, if_version: int | None) -> None:
    """Offer a case to another department; until it accepts, you still act.

    \b
    rectify transfer 12 --to 区消防大队 --note "属消防职责"
    """
    from cases.verbs import moves

    with at_the_ledger() as door:
        outcome(moves.transfer(door, case, to, note, if_version=if_version))


@click.command(cls=Command)
@_CASE
@click.option("--note", help="What should be known.")
@_IF_VERSION
def accept(case: int, note: str | None, if_version: int | None) -> None:
    """Accept a transferred case.

    \b
    rectify accept 12
    """
    _move("accept", (case,), {"note": note}, if_version)


@click.command(cls=Command)
@_CASE
@_NOTE
@_IF_VERSION
def decline(case: int, note: str, if_version: int | None) -> None:
    """Decline a transferred case.

    \b
    rectify decline 12 --note "不属我局职责"
    """
    _move("decline", (case,), {"note": note}, if_version)


@click.group(cls=Group)
def evidence() -> None:
    """Evidence 佐证: get what was attached to a case, a halt or an exit."""


@evidence.command("get")
@_CASE
@click.option(
    "--of", type=click.Choice(["case", "halt", "exit"]), default="case", help="What the number is of; a case."
)
@click.option("-o", "--output", "folder", metavar="DIR", required=True, help="Where to write the files.")
def evidence_get(case: int, of: str, folder: str) -> None:
    """Write the evidence of a case, a halt or an exit into a folder; nothing is overwritten.

    \b
    rectify evidence get 12 -o photos
    """
    from cases.questions import exits, halts, one
    from cases.verbs.evidence import export
    from workflow.terms import Kind

    looks = {"case": one.check_visible, "halt": halts.show, "exit": exits.show}
    with asking() as ask:
        looks[of](ask, case)
        paths = [str(path) for path in export(ask.tx, Kind.hazard if of == "case" else Kind(of), case, folder)]
    answer({"files": paths}, lambda shown: click.echo("\n".join(shown["files"])))

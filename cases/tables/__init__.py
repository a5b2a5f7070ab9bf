"""The tables, a file per noun. Statements are built from them and compiled once (cases/statements.py).

A table is made when somebody first asks for it: a command waits for those it reads, not for all. `metadata` is the
whole schema, every table in it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import MetaData, Table

    metadata: MetaData
    areas: Table
    departments: Table
    department_sectors: Table
    people: Table
    units: Table
    campaigns: Table
    campaign_units: Table
    checklists: Table
    checklist_items: Table
    commitments: Table
    diagnoses: Table
    problems: Table
    evaluations: Table
    passed_problems: Table
    acceptances: Table
    tallies: Table
    targets: Table
    look_backs: Table
    inspections: Table
    inspection_officers: Table
    inspection_departments: Table
    hazards: Table
    numberings: Table
    orders: Table
    items: Table
    papers: Table
    paper_cases: Table
    plans: Table
    joint_departments: Table
    blobs: Table
    evidence: Table
    extensions: Table
    halts: Table
    halt_hazards: Table
    exits: Table
    exit_hazards: Table
    exit_steps: Table
    follow_ups: Table
    steps: Table
    open_spells: Table
    deadlines: Table
    rungs: Table
    notices: Table
    reminders: Table
    messages: Table
    runs: Table
    seals: Table
    policies: Table
    calendars: Table
    forbidden_attempts: Table
    imports: Table
    imported_rows: Table

#: Where each table is declared.
_PLACES = {
    "areas": ("registers", "Area"),
    "departments": ("registers", "Department"),
    "department_sectors": ("registers", "DepartmentSector"),
    "people": ("registers", "Person"),
    "units": ("registers", "Unit"),
    "campaigns": ("campaign", "Campaign"),
    "campaign_units": ("campaign", "CampaignUnit"),
    "checklists": ("on_record", "Checklist"),
    "checklist_items": ("on_record", "ChecklistItem"),
    "commitments": ("on_record", "Commitment"),
    "diagnoses": ("on_record", "Diagnosis"),
    "problems": ("on_record", "Problem"),
    "evaluations": ("on_record", "Evaluation"),
    "passed_problems": ("on_record", "PassedProblem"),
    "acceptances": ("on_record", "Acceptance"),
    "tallies": ("on_record", "Tally"),
    "targets": ("on_record", "Target"),
    "look_backs": ("on_record", "LookBack"),
    "inspections": ("visits", "Inspection"),
    "inspection_officers": ("visits", "InspectionOfficer"),
    "inspection_departments": ("visits", "InspectionDepartment"),
    "hazards": ("hazard", "Hazard"),
    "plans": ("hazard", "Plan"),
    "joint_departments": ("hazard", "JointDepartment"),
    "blobs": ("hazard", "Blob"),
    "evidence": ("hazard", "Evidence"),
    "numberings": ("order", "Numbering"),
    "orders": ("order", "Order"),
    "items": ("order", "OrderItem"),
    "papers": ("paper", "Paper"),
    "paper_cases": ("paper", "PaperCase"),
    "extensions": ("extension", "Extension"),
    "halts": ("halt", "Halt"),
    "halt_hazards": ("halt", "HaltHazard"),
    "exits": ("exit", "Exit"),
    "exit_hazards": ("exit", "ExitHazard"),
    "exit_steps": ("exit", "ExitStepRow"),
    "follow_ups": ("exit", "FollowUp"),
    "steps": ("history", "Step"),
    "open_spells": ("spells", "OpenSpell"),
    "seals": ("history", "Seal"),
    "deadlines": ("clocks", "Deadline"),
    "rungs": ("clocks", "Rung"),
    "notices": ("clocks", "Notice"),
    "reminders": ("clocks", "Reminder"),
    "messages": ("clocks", "Message"),
    "runs": ("keeping", "Run"),
    "policies": ("keeping", "PolicyVersion"),
    "calendars": ("calendar", "CalendarVersion"),
    "forbidden_attempts": ("keeping", "ForbiddenAttempt"),
    "imports": ("imported", "Import"),
    "imported_rows": ("imported", "ImportedRow"),
}


def __getattr__(name: str) -> Any:
    """Return a table by its name, or the metadata of all. Raises AttributeError for any other name."""
    if name == "metadata":
        from sqlmodel import SQLModel

        for each in _PLACES:
            _table(each)
        return SQLModel.metadata
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _table(name)


def _table(name: str) -> "Table":
    module, model = _PLACES[name]
    table: Table = getattr(import_module(f"{__name__}.{module}"), model).__table__
    globals()[name] = table
    return table

"""Which department a new case goes to: the one that its sector and area name 属地管理、行业监管.

It is whoever names the sector, the finder's own department first, then the nearest up the tree of areas; where nobody
names it, whoever answers for all sectors, in the same order. Who found it may go on ordering: that goes by area.
"""

from typing import Any

from sqlalchemy import bindparam, func, select

from cases.statements import Statement
from cases.store import Transaction
from cases.tables import areas, department_sectors, departments
from workflow.case import Department

_ABOVE = Statement(
    select(departments.c.id, departments.c.name, areas.c.name.label("area"), areas.c.path, department_sectors.c.sector)
    .join_from(departments, areas, areas.c.code == departments.c.area_code)
    .outerjoin(department_sectors, department_sectors.c.department_id == departments.c.id)
    .where(func.substr(bindparam("below"), 1, func.length(areas.c.path) + 1) == areas.c.path + "/")
    .order_by(departments.c.id)
)


def answering(tx: Transaction, area: str, sector: str, own: Department) -> Any:
    """Return the department that answers for a sector in an area, given as a path: its id, name and area's name.

    `own` is the finder's; it keeps the case where nobody else answers.
    """
    above = tx.all(_ABOVE, below=area + "/")
    for named in (sector, None):
        able = [row for row in above if row.sector == named]
        if able:
            return min(able, key=lambda row: (row.id != own.id, -row.path.count("/"), row.id))
    return next(row for row in above if row.id == own.id)

"""Every process there is, by its name – which is the kind of what moves by it: how it is moved, shown, proved and drawn."""

from collections.abc import Callable

from workflow import exit as leaving
from workflow import extension, follow_up, halt, hazard
from workflow.case import Attempt
from workflow.exit import EXIT
from workflow.extension import EXTENSION
from workflow.follow_up import FOLLOW_UP
from workflow.halt import HALT
from workflow.hazard import HAZARD
from workflow.stated import IMPORT_PROCESS

PROCESSES = {process.name: process for process in (HAZARD, EXTENSION, HALT, EXIT, FOLLOW_UP, IMPORT_PROCESS)}

#: What makes one move: it fires the process and brings the clocks of what was moved in line.
MAKES: dict[str, Callable[[str, Attempt], None]] = {
    "hazard": hazard.make, "extension": extension.make, "halt": halt.make, "exit": leaving.make,
    "follow_up": follow_up.make,
}  # fmt: skip

#: The trigger that brings something into the world, where that is a step of its process: it starts from nothing.
BEGINS = {process.name: process.begins for process in PROCESSES.values() if process.begins is not None}

#: What the moves of each process fire on what moves by another, by its kind.
FIRES: dict[str, dict[str, dict[str, str]]] = {
    "hazard": {}, "extension": extension.FIRES, "halt": {}, "exit": leaving.FIRES, "follow_up": {}
}  # fmt: skip

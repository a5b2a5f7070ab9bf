"""Every process there is, by its name – which is the kind of what moves by it: how it is moved, shown, proved and drawn."""

from collections.abc import Callable

from workflow import extension, hazard
from workflow.case import Attempt
from workflow.extension import EXTENSION
from workflow.hazard import HAZARD

PROCESSES = {process.name: process for process in (HAZARD, EXTENSION)}

#: What makes one move: it fires the process and brings the clocks of what was moved in line.
MAKES: dict[str, Callable[[str, Attempt], None]] = {"hazard": hazard.make, "extension": extension.make}

#: The trigger that brings something into the world, where that is a step of its process: it starts from nothing.
BEGINS = {"extension": "request"}

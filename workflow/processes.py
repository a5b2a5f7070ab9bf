"""Every process there is, by its name: what is shown, proved, drawn and put in the README."""

from workflow.extension import EXTENSION
from workflow.hazard import HAZARD

PROCESSES = {process.name: process for process in (HAZARD, EXTENSION)}

#: The trigger that brings something into the world, where that is a step of its process: it starts from nothing.
BEGINS = {"extension": "request"}

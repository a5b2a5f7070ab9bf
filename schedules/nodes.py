"""Nodes: what this process is called among those that share a store, and whether another one is surely dead."""

import os
import socket


def this_node() -> str:
    """Return the name of this process: its host and its number there."""
    return f"{socket.gethostname()}:{os.getpid()}"


def is_gone(node: str) -> bool:
    """Return whether a node is a process of this host that is no more. Of other hosts nothing is known: False.

    It saves waiting out the lease of a run that was killed. Two hosts of one name could take each other's runs; the
    keys of the rungs see to it that this too does everything once.
    """
    host, _, number = node.rpartition(":")
    if host != socket.gethostname() or not number.isdecimal() or os.name == "nt":
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:  # it is there, and somebody else's
        return False
    return False

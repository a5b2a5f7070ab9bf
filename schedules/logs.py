"""The service's log: a line an event on standard error, for people to read or, as JSON, for machines."""

import json
import logging
from datetime import UTC, datetime

#: What every record has; whatever else it has was said with `extra`.
_USUAL = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """A JSON object a line: at, level, logger, message, the event's own facts, and the traceback of an error."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of one event."""
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        told |= {name: value for name, value in vars(record).items() if name not in _USUAL and name not in told}
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)


def to_stderr(*, as_json: bool) -> None:
    """Send the log to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        JsonLines() if as_json else logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # Its own lines repeat ours; what goes wrong in it is still told.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)

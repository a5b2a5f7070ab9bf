"""Packs an Office document: a zip whose parts are all dated alike, so that the same content is the same file."""

import zipfile
from io import BytesIO

#: The first date that a zip can hold.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def packed(content: bytes) -> bytes:
    """Return a document packed again, every part of it dated alike."""
    written = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return written.getvalue()

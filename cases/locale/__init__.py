"""The languages rectify speaks. English is in the code; `zh_CN` is a gettext catalogue beside this file.

JSON keys and enum values are English always; sentences, labels and help follow the reader.
"""

import gettext
import os
from pathlib import Path

DOMAIN = "rectify"
FOLDER = Path(__file__).parent
_CATALOGUES = {"zh": "zh_CN", "en": "en"}

#: Returns a template in the language chosen last.
translate = gettext.gettext


def choose(wanted: str | None) -> str:
    """Speak `zh` or `en` from now on: what is asked for, else RECTIFY_LANG, else the locale. Return the choice."""
    lang = wanted or os.environ.get("RECTIFY_LANG") or _of_the_locale()
    lang = "zh" if lang.lower().startswith("zh") else "en"
    # gettext looks here first; click's own words follow, because they come from the default domain too.
    os.environ["LANGUAGE"] = _CATALOGUES[lang]
    gettext.bindtextdomain(DOMAIN, FOLDER)
    gettext.textdomain(DOMAIN)
    return lang


def _of_the_locale() -> str:
    return next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "en")

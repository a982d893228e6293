"""Regular expressions that are compiled when they are first used: most pages need few of the two hundred there are."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _Pattern:
    """Stands for a compiled pattern; what is asked of it is found at once from the second time on."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self._given = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # copying and pickling ask for what a pattern does not have
            raise AttributeError(name)
        if name == "_compiled":
            found: Any = re.compile(*self._given)
        else:
            found = getattr(self._compiled, name)
        self.__dict__[name] = found
        return found


def regex(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Like `re.compile`, but later. Raises re.error when it is first used, should it be none."""
    return cast("re.Pattern[AnyStr]", _Pattern(pattern, flags))

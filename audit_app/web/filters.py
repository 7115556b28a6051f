"""What a list is narrowed to, as the address says it."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import request

from audit_app.rules.wording import LEVEL


@dataclass(frozen=True)
class Filters:
    """Typed words, a level of agencies, one further choice of the page (`tab`), and which page of the list."""

    typed: str = ""
    level: str = ""
    tab: str = ""
    page: int = 1

    @property
    def narrowed(self) -> bool:
        """Whether something was searched for."""
        return bool(self.typed or self.level)

    def href(self, **changes) -> str:
        """The address with other values; a change of filter begins at the first page."""
        now = replace(self, page=1, **changes)
        said = {"tab": now.tab, "q": now.typed, "level": now.level}
        return "?" + urlencode({name: value for name, value in said.items() if value})

    @property
    def base(self) -> str:
        """The address up to the number of the page, for the pager."""
        href = self.href()
        return f"{href}{'&' if len(href) > 1 else ''}page="


def read(tabs: tuple[str, ...] = ()) -> Filters:
    """From the request; what cannot be meant is left out. The first of `tabs` is the default."""
    level, tab = request.args.get("level", ""), request.args.get("tab", "")
    typed = "".join(filter(str.isprintable, request.args.get("q", "")))  # PostgreSQL refuses to be asked for a NUL
    return Filters(typed=typed.strip()[:100], level=level if level in LEVEL else "",
                   tab=tab if tab in tabs else (tabs[0] if tabs else ""),
                   page=request.args.get("page", 1, type=int))

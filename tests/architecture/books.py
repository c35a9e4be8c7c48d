"""Pages of the books that are printed from the code: `make docs`."""

from pathlib import Path

from lms.kernel.settings import described

ROOT = Path(__file__).parent.parent.parent


def settings_page() -> str:
    """docs/settings.md as it must be."""
    rows = "\n".join(
        f"| `{name}` | `{default}` | {meaning} |" if default else f"| `{name}` |  | {meaning} |"
        for name, default, meaning in described()
    )
    return (
        "# Settings\n\nEnvironment variables, read once at start. Unknown `XINGLIN_*` names and bad "
        "values are refused, all faults named together. This page is printed from "
        "`lms/kernel/settings.py` by `make docs`.\n\n"
        f"| Name | Default | Meaning |\n|---|---|---|\n{rows}\n"
    )


PAGES = {"docs/settings.md": settings_page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (ROOT / name).write_text(page(), encoding="utf-8")

"""Where the page is looked at, and with what."""

from pathlib import Path

AXE = Path(__file__).parent / "browser" / "node_modules" / "axe-core" / "axe.min.js"
SCHEMES = ["light", "dark"]
WIDTHS_PX = [360, 768, 1280, 1440]

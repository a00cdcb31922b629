"""The real settings; only what pages need beside them lies with the rest of the demo."""

import os
from pathlib import Path

from config.settings import *  # noqa: F403

STATIC_ROOT = Path(os.environ["DEMO_DIR"]) / "static"

"""Which examples Hypothesis takes."""

import os

from hypothesis import settings

# The same examples each time, so that a run tells of the code and not of luck; `random` looks for others.
settings.register_profile("fixed", derandomize=True)
settings.register_profile("random")
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))

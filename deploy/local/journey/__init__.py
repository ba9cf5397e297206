"""One citizen's journey through a running mesh, over the same doors as everybody else.

`python -m deploy.local.journey <config.json>` tells it to a person; `run` of `story.py` is for tests. Where a step is:
1 `parties.py`, 2 `citizen.py`, 3 `matter.py`, 4 and 5 `submission.py`, 6 `handling.py`, 7 and 8 `certificate.py`,
9 `rating.py`, 10 `record.py`, 11 `tracing.py`.
"""

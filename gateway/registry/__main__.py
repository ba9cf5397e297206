"""`python -m gateway.registry bootstrap FILE`: register what the gateway cannot work without."""

import os
import sys
from pathlib import Path

from gateway.registry.bootstrap import bootstrap

if __name__ == "__main__":
    _, _command, _file = sys.argv
    bootstrap(Path(_file), os.environ["GATEWAY_DATABASE_URL"])

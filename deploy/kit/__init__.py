"""The conformance kit 接入验收工具: stands in for the gateway before an integrator's own system, and hands in what it saw.

`python -m deploy.kit run --gateway URL --party ID --key key.pem`; in a program `pass_kit`. `docs/onboarding.md` says how.
"""

from deploy.kit.running import KitFailed, pass_kit, run

__all__ = ["KitFailed", "pass_kit", "run"]

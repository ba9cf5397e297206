"""The policies of one version: Cedar text, read once, asked many times.

`text` reads what people write, `engine` decides by it, `questions` say what is asked, `facts` what a request's question
is made of, `cases` try it out, `schema` is what the text may speak of. Source: ADR-0032.
"""

from gateway.policies.engine import NO_POLICIES, Policies, Verdict
from gateway.policies.facts import NOBODY, Facts, matter_in
from gateway.policies.questions import Entity, Question
from gateway.policies.text import Fault, Policy

__all__ = ["NOBODY", "NO_POLICIES", "Entity", "Facts", "Fault", "Policies", "Policy", "Question", "Verdict", "matter_in"]

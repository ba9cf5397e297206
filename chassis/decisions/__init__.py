"""Decision tables that can be checked exactly: conditions in CEL over one value, tables of them, and what is wrong with a table.

What the tables decide about is the business of whoever has them. Source: ADR-0041.
"""

from chassis.decisions.conditions import Condition, Kind, NotACondition, Value, condition
from chassis.decisions.flaws import Flaw, flaws_in
from chassis.decisions.tables import Column, Decision, Line, Table, decide

__all__ = ["Column", "Condition", "Decision", "Flaw", "Kind", "Line", "NotACondition", "Table", "Value", "condition", "decide", "flaws_in"]

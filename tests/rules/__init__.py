"""The six rules against an independent oracle: every request of a generated corpus is judged twice."""

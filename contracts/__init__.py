"""Everything that crosses a process boundary: values, permissions, problems, events, request and answer models."""

"""The smallest service there is: it notes what it is told, so that tests can count effects and see their order."""

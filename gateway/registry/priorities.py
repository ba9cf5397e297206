"""Priority classes of permissions, of which the lower number goes on longer under overload."""


def priority_of(_permission: str) -> int:
    return 2

"""The way behind the rooms: connections to the services, what is passed on, and when to stop asking."""

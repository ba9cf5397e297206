"""Events between processes: stored with the change they tell of, delivered at least once, in order, effective once.

Source: ADR-0005 (outbox with one ordered relay), ADR-0006 (inbox, at-least-once).
"""

from chassis.messaging.broadcast import Broadcast
from chassis.messaging.outbox import publish, publish_all
from chassis.messaging.subscriptions import Delivery, Subscriptions
from chassis.messaging.tables import message_tables
from chassis.messaging.topics import ensure_topics
from chassis.messaging.worker import run_worker

__all__ = ["Broadcast", "Delivery", "Subscriptions", "ensure_topics", "message_tables", "publish", "publish_all", "run_worker"]

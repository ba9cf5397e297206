"""Messages to a person by outside senders. Who asks for one never learns the address."""

from typing import Literal

from contracts.strict import Answer, Model, Paragraph
from contracts.values import Id

Channel = Literal["sms", "push"]


class SendMessage(Model):
    """The same `key` again sends nothing."""

    channel: Channel
    key: Id
    text: Paragraph


class MessageState(Answer):
    """`sent`: the sender has it; `delivered`: the person's device has it. A `failure` says why it will never arrive."""

    state: Literal["sent", "delivered", "failed"]
    failure: str | None = None

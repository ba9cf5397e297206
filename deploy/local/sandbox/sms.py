"""An SMS gateway that delivers nothing and lets a test read what it was given.

`POST /messages {phone, text, key}` accepts a message once per key; `GET /messages?phone=` answers them, newest last.
"""

from pydantic import BaseModel

from deploy.local.sandbox import server


class Message(BaseModel):
    phone: str
    text: str
    key: str


app = server.sandbox("sms gateway")
_messages: dict[str, Message] = {}


@app.post("/messages", status_code=202)
async def accept(message: Message) -> dict[str, str]:
    _messages.setdefault(message.key, message)
    return {"status": "accepted"}


@app.get("/messages")
async def sent_to(phone: str) -> list[Message]:
    return [message for message in _messages.values() if message.phone == phone]


if __name__ == "__main__":
    server.run(app, "sms")

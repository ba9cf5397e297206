"""An SMS gateway and an app's push sender that deliver nothing and let a test read what they were given.

`POST /messages {phone, text, key}` accepts a message once per key; `GET /messages?phone=` answers them, newest last, and
`GET /messages/{key}` what became of one. `POST /pushes {person_id, text, key}` and `GET /pushes/{key}` are the app's.
A phone that ends in 0000 is out of service.
"""

from typing import Literal

from fastapi import HTTPException
from pydantic import BaseModel

from deploy.local.sandbox import server


class Message(BaseModel):
    phone: str
    text: str
    key: str


class Push(BaseModel):
    person_id: str
    text: str
    key: str


class State(BaseModel):
    state: Literal["delivered", "failed"]
    failure: str | None = None


app = server.sandbox("sms gateway")
_messages: dict[str, Message] = {}
_pushes: dict[str, Push] = {}


@app.post("/messages", status_code=202)
async def accept(message: Message) -> dict[str, str]:
    _messages.setdefault(message.key, message)
    return {"status": "accepted"}


@app.get("/messages")
async def sent_to(phone: str) -> list[Message]:
    return [message for message in _messages.values() if message.phone == phone]


@app.get("/messages/{key}")
async def became(key: str) -> State:
    if key not in _messages:
        raise HTTPException(404)
    is_dead = _messages[key].phone.endswith("0000")
    return State(state="failed", failure="停机 out of service") if is_dead else State(state="delivered")


@app.post("/pushes", status_code=202)
async def push(wanted: Push) -> dict[str, str]:
    _pushes.setdefault(wanted.key, wanted)
    return {"status": "accepted"}


@app.get("/pushes/{key}")
async def pushed(key: str) -> State:
    if key not in _pushes:
        raise HTTPException(404)
    return State(state="delivered")


if __name__ == "__main__":
    server.run(app, "sms")

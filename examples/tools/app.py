"""A tool that asks a slow model."""

from flask import Flask

app = Flask(__name__)


@app.post("/tools/summarise")
def summarise() -> dict[str, str]:
    return {"summary": "..."}

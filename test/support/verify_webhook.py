"""Verifies webhooks as the document shows it: one JSON line {"payload", "signature", "secret"} in, "true" or "false" out."""

import hashlib
import hmac
import json
import sys


def verify_webhook(payload, signature, secret):
    expected = hmac.new(
        secret.encode(),
        payload.encode(),
        hashlib.sha256
    ).hexdigest()
    return hmac.compare_digest(expected, signature)


for line in sys.stdin.buffer.read().decode().split("\n"):
    one = json.loads(line)
    print("true" if verify_webhook(one["payload"], one["signature"], one["secret"]) else "false")

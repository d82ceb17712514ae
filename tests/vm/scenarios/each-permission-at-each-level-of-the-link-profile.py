import json
from common import attributes, permission, uuid

print(json.dumps({"expose": "link", "services": [{
    "uuid": uuid(0), "characteristics": [{
        "uuid": uuid(n + 1), "value": {"file": f"value-{n}"},
        "properties": ["read", "write", "write-without-response", "notify",
                       "indicate"],
        "read": permission(read), "write": permission(write)}
        for n, (read, write) in enumerate(attributes)] + [{
            "uuid": uuid(0x100), "value": {"file": "value-signed"},
            "properties": ["read", "signed-write"],
            "write": {"signed": True}}]}]}))

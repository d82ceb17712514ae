table = [line.split() for line in open("table")]
attributes = [line.split() for line in open("attributes")]


def uuid(n):
    return f"5e0f{n:04x}-1f3c-4d5a-9a60-6f2b1c7e8d90"


def permission(name):
    words = name.split("-")
    more = {}
    if words[-1] == "16":
        more["min_key_size"] = int(words.pop())
    if words[-1] == "peers":
        more["peers"] = ["*"]
        words.pop()
    if words:
        more["security"] = "-".join(words)
    return more

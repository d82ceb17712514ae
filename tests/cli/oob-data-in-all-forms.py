import sys

rows = []
for line in sys.stdin.read().splitlines():
    rows.append([c in " \u2584" for c in line])
    rows.append([c in " \u2580" for c in line])
side = 8
print("P1", len(rows[0]) * side, len(rows) * side)
for row in rows:
    text = " ".join(("1 " if dark else "0 ") * side for dark in row)
    for _ in range(side):
        print(text)

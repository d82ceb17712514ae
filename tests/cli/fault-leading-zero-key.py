P = 2 ** 256 - 2 ** 224 + 2 ** 192 + 2 ** 96 - 1
G = (0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
     0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5)
point, k = G, 1
while point[0] >> 248 or k == 1:
    (x1, y1), (x2, y2) = point, G
    slope = ((3 * x1 * x1 - 3) * pow(2 * y1, -1, P) if point == G
             else (y2 - y1) * pow(x2 - x1, -1, P))
    x3 = (slope * slope - x1 - x2) % P
    point, k = (x3, (slope * (x1 - x3) - y1) % P), k + 1
print(f"{k:064x} 04{point[0]:064x}{point[1]:064x}")

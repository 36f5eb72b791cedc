"""The planets' orbits: floats in lists in lists, item stores. Usage: nbody.py ROUNDS

After the n-body program of the Computer Language Benchmarks Game.
"""

import sys
from itertools import combinations

SOLAR_MASS = 39.47841760435743
DAYS = 365.24

# position, velocity, mass
BODIES: list[tuple[list[float], list[float], float]] = [
    ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], SOLAR_MASS),
    (
        [4.84143144246472090e00, -1.16032004402742839e00, -1.03622044471123109e-01],
        [1.66007664274403694e-03 * DAYS, 7.69901118419740425e-03 * DAYS, -6.90460016972063023e-05 * DAYS],
        9.54791938424326609e-04 * SOLAR_MASS,
    ),
    (
        [8.34336671824457987e00, 4.12479856412430479e00, -4.03523417114321381e-01],
        [-2.76742510726411001e-03 * DAYS, 4.99852801234917238e-03 * DAYS, 2.30417297573763929e-05 * DAYS],
        2.85885980666130812e-04 * SOLAR_MASS,
    ),
    (
        [1.28943695621391310e01, -1.51111514016986312e01, -2.23307578892655734e-01],
        [2.96460137564761618e-03 * DAYS, 2.37847173959480950e-03 * DAYS, -2.96589568540237556e-05 * DAYS],
        4.36624404335156298e-05 * SOLAR_MASS,
    ),
    (
        [1.53796971148509165e01, -2.59193146099879641e01, 1.79258772950371181e-01],
        [2.68067772490389322e-03 * DAYS, 1.62824170038242295e-03 * DAYS, -9.51592254519715870e-05 * DAYS],
        5.15138902046611451e-05 * SOLAR_MASS,
    ),
]
PAIRS = list(combinations(BODIES, 2))


def advance(step: float, count: int) -> None:
    for _ in range(count):
        for ((x1, y1, z1), v1, m1), ((x2, y2, z2), v2, m2) in PAIRS:
            dx = x1 - x2
            dy = y1 - y2
            dz = z1 - z2
            magnitude = step * (dx * dx + dy * dy + dz * dz) ** -1.5
            b1 = m1 * magnitude
            b2 = m2 * magnitude
            v1[0] -= dx * b2
            v1[1] -= dy * b2
            v1[2] -= dz * b2
            v2[0] += dx * b1
            v2[1] += dy * b1
            v2[2] += dz * b1
        for position, (vx, vy, vz), _mass in BODIES:
            position[0] += step * vx
            position[1] += step * vy
            position[2] += step * vz


def energy() -> float:
    total = 0.0
    for ((x1, y1, z1), _v1, m1), ((x2, y2, z2), _v2, m2) in PAIRS:
        dx = x1 - x2
        dy = y1 - y2
        dz = z1 - z2
        total -= (m1 * m2) / ((dx * dx + dy * dy + dz * dz) ** 0.5)
    for _position, (vx, vy, vz), mass in BODIES:
        total += mass * (vx * vx + vy * vy + vz * vz) / 2.0
    return total


def main() -> None:
    for _ in range(int(sys.argv[1])):
        advance(0.01, 500)
    print(f"{energy():.9f}")


main()

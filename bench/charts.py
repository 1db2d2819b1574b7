# SPDX-License-Identifier: BSD-2-Clause
#
# Line charts as SVG, with the standard library alone. Used by report.py.
import math
import os
import statistics
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 420, 60, 40, 170, 50
# By the beginning of the name: relatives look alike.
COLOURS = {"burst": ("#0b3d91", "#2f6fd0", "#6fa3e8", "#a9c8f5"),
           "in": ("#0b6e4f", "#2fa866", "#7fcf9a"),
           "dpdk": ("#e07a5f", "#c1121f")}


def scale(most):
    """A round upper end and the step of about five lines."""
    step = 1
    while most / step > 8:
        step *= 2 if str(step)[0] in "15" else 2.5
    return step * (int(most / step) + 1), step


def text(x, y, what, anchor="middle", more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(what)}</text>'


def colours(names):
    """{name: colour}"""
    left = {family: list(shades) for family, shades in COLOURS.items()}
    found = {}
    for name in names:
        family = next((f for f in left if name.startswith(f) and left[f]), None)
        found[name] = left[family].pop(0) if family else "#6d597a"
    return found


def levels(series, logarithmic):
    """Where lines across the chart are, from its lower to its upper end."""
    values = [y for points in series.values() for y in points.values()]
    if logarithmic:
        low = math.floor(math.log10(max(1, min(values))))
        return [10 ** e for e in range(low, math.ceil(math.log10(max(values) + 1)) + 1)]
    most, step = scale(max(values))
    return [i * step for i in range(int(most / step + 0.5) + 1)]


def chart(title, x_title, y_title, series, logarithmic=False):
    """@series: {name: {x: y}}; x are categories in order of size."""
    xs = sorted({x for points in series.values() for x in points})
    lines = levels(series, logarithmic)
    move = math.log10 if logarithmic else float
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(x, y):
        part = (move(y) - move(lines[0])) / (move(lines[-1]) - move(lines[0]))
        return (LEFT + width * (xs.index(x) + 0.5) / len(xs), TOP + height * (1 - part))

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
           'font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
           text(LEFT, 22, title, "start", 'font-size="14" font-weight="bold"'),
           text(LEFT + width / 2, HEIGHT - 12, x_title),
           text(LEFT, TOP - 4, y_title, "start", 'fill="#555"')]
    for value in lines:
        y = place(xs[0], value)[1]
        out.append(f'<path d="M{LEFT} {y:.1f}H{LEFT + width}" stroke="#ddd"/>')
        out.append(text(LEFT - 6, y + 4, f"{value:g}", "end"))
    out += [text(place(x, lines[0])[0], TOP + height + 18, str(x)) for x in xs]
    colour_of = colours(series)
    for i, (name, points) in enumerate(series.items()):
        colour = colour_of[name]
        at = [place(x, points[x]) for x in xs if x in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in at]
        y = TOP + 14 + 18 * i
        out.append(f'<path d="M{LEFT + width + 10} {y - 4}h16" stroke="{colour}" '
                   'stroke-width="3"/>')
        out.append(text(LEFT + width + 32, y, name, "start"))
    return "\n".join(out) + "\n</svg>\n"


def collect(rows, x, y):
    """{subject: {x: median of y}}"""
    found = {}
    for row in rows:
        found.setdefault(row["subject"], {}).setdefault(row[x], []).append(row[y])
    return {s: {k: max(0, statistics.median(v)) for k, v in points.items()}
            for s, points in found.items()}


def percentiles(results):
    found = {}
    for row in results.of("latency", usual=True):
        points = found.setdefault(row["subject"], {})
        for key, name in ((50, "p50"), (90, "p90"), (99, "p99"), (99.9, "p999")):
            points.setdefault(key, []).append(row[name])
    return {s: {k: statistics.median(v) for k, v in points.items()} for s, points in found.items()}


def write(results, folder):
    """Return: the files written; a chart without data is left out."""
    warm = results.of("cycles", regime="warm", mode="window")
    charts = {
        "burst": ("Driver cost against burst, warm, frame untouched", "packets in a burst",
                  "ticks per packet",
                  collect([r for r in warm if not r["touch"]], "burst", "mid")),
        "burst-touched": ("Driver cost against burst, warm, frame touched", "packets in a burst",
                          "ticks per packet",
                          collect([r for r in warm if r["touch"]], "burst", "mid")),
        "other-core": ("Driver cost against burst, lines from the other core, touched",
                       "packets in a burst", "ticks per packet",
                       collect(results.of("cycles", regime="other_core", mode="window", touch=1,
                                          usual=True),
                               "burst", "mid")),
        "ring": ("Driver cost against ring size, warm, frame touched", "descriptors in a ring",
                 "ticks per packet", collect(results.of("ring"), "ring", "mid")),
        "frame": ("Driver cost against frame size, warm, frame touched", "bytes of a frame",
                  "ticks per packet", collect(results.of("frame"), "size", "mid")),
        "latency": ("Latency from wire to wire", "percentile", "ns", percentiles(results)),
    }
    written = []
    for name, (title, x_title, y_title, series) in charts.items():
        if not series:
            continue
        path = os.path.join(folder, f"bench-{name}.svg")
        with open(path, "w", encoding="utf-8") as f:
            f.write(chart(title, x_title, y_title, series, name == "latency"))
        written.append(path)
    return written

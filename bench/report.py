#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# What nicety-bench measured, as tables, ratios, budgets and bench.json.
#
#   report.py RESULTS [--json FILE] [--charts FOLDER]
#
# RESULTS: one JSON object a line. A ratio is the median of the ratios of the single rounds, in
# which the drivers ran one after the other; DPDK's part is the better of its forms in that round.
import argparse
import json
import statistics
import sys

import charts

DPDK = ("dpdk_scalar", "dpdk_vector")
REGIMES = ("warm", "other_core", "l3", "dram")


def median(values):
    values = list(values)
    return statistics.median(values) if values else None


def spread(values):
    """Half of the distance between the quartiles."""
    values = sorted(values)
    if len(values) < 4:
        return (values[-1] - values[0]) / 2 if values else None
    quartiles = statistics.quantiles(values, n=4)
    return (quartiles[2] - quartiles[0]) / 2


def alike(a, b):
    """Are two distances between the cores the same but for noise?"""
    return a < 1.3 * b and b < 1.3 * a


class Results:
    def __init__(self, lines):
        self.rows = [json.loads(line) for line in lines if line.strip()]
        self.kinds = {}
        self.sort()
        self.distances()
        self.sort()

    def sort(self):
        self.kinds = {}
        for row in self.rows:
            self.kinds.setdefault(row["kind"], []).append(row)

    def distances(self):
        """
        Rows of two cores have a probe. Those during which the distance jumped are dropped. Of the
        others, the distance that most have is the usual one.
        """
        count = len(self.rows)
        self.rows = [r for r in self.rows if not r.get("moved")]
        self.moved = count - len(self.rows)
        for group in {(r["kind"], r.get("regime")) for r in self.rows if "probe" in r}:
            rows = [r for r in self.rows if "probe" in r and (r["kind"], r.get("regime")) == group]
            near = [[r for r in rows if alike(r["probe"], seen)]
                    for seen in {r["probe"] for r in rows}]
            usual = {id(r) for r in max(near, key=len)}
            for row in rows:
                row["usual"] = id(row) in usual

    def of(self, kind, **want):
        return [r for r in self.kinds.get(kind, [])
                if all(r.get(k) == v for k, v in want.items())]

    def one(self, kind, **want):
        rows = self.of(kind, **want)
        return rows[0] if rows else {}

    def subjects(self, kind="cycles"):
        return list(dict.fromkeys(r["subject"] for r in self.of(kind)))

    def rounds(self, subject, value="mid", kind="cycles", **want):
        """{round: value}, at the usual distance of the cores."""
        return {r["round"]: r[value] for r in self.of(kind, subject=subject, **want)
                if r.get("usual", True)}

    def ratio(self, subject, value="mid", kind="cycles", **want):
        """(subject / the better DPDK, its spread), or None without DPDK."""
        dpdk = {}
        for name in DPDK:
            for row in self.of(kind, subject=name, **want):
                dpdk.setdefault(row["round"], []).append(row)
        ratios = []
        for own in self.of(kind, subject=subject, **want):
            others = [r[value] for r in dpdk.get(own["round"], [])
                      if alike(r.get("probe", 1), own.get("probe", 1)) and r[value] > 0]
            if others:
                ratios.append(own[value] / min(others))
        return (median(ratios), spread(ratios)) if ratios else None

    def instructions(self, subject, touch=0, packets=128):
        return self.one("instructions", subject=subject, touch=touch,
                        packets=packets).get("instructions")


WINDOW = {"regime": "warm", "touch": 0, "mode": "window", "burst": 32}
SINGLE = {"regime": "warm", "touch": 0, "mode": "single", "packets": 1}


def best_burst(results):
    """The form of nic_rx and nic_tx that costs least here."""
    costs = {s: median(results.rounds(s, **WINDOW).values())
             for s in results.subjects() if s.startswith("burst_")}
    costs = {s: c for s, c in costs.items() if c is not None}
    return min(costs, key=costs.get) if costs else None


def ratios(results):
    best = best_burst(results)
    wanted = {
        "burst_c": ("burst_c", WINDOW, "mid"),
        "burst_best": (best, WINDOW, "mid"),
        "inplace": ("inplace", WINDOW, "mid"),
        "inlined": ("inlined", WINDOW, "mid"),
        # One packet is not many ticks, and ticks come in steps: the mean sees between them.
        "burst1": (best, SINGLE, "mean"),
        "burst1_inplace": ("inplace", SINGLE, "mean"),
    }
    found = {}
    for name, (subject, want, value) in wanted.items():
        ratio = results.ratio(subject, value, **want) if subject else None
        if ratio:
            found[name] = ratio
    for name in ("p50", "p99"):
        ratio = results.ratio("inplace", name, "latency")
        if ratio:
            found["latency_" + name] = ratio
    return found


def instructions(results):
    names = {"burst_c": "burst_c", "burst_best": best_burst(results) or "burst_c",
             "inplace": "inplace", "inlined": "inlined"}
    found = {k: results.instructions(s) for k, s in names.items()}
    return {k: v for k, v in found.items() if v is not None}


# (what, limit, where it stands): the limits are part of the design, see README.md.
def budgets(results, rel, ins):
    rows = [(f"{name}: ticks / DPDK's", limit, rel.get(name, (None,))[0]) for name, limit in (
        ("burst_c", 0.50), ("burst_best", 0.30), ("inplace", 0.20), ("inlined", 0.12),
        ("burst1", 0.50), ("burst1_inplace", 0.25), ("latency_p50", 0.80), ("latency_p99", 0.80))]
    rows += [(f"{name}: instructions per packet", limit, ins.get(name)) for name, limit in (
        ("burst_c", 62), ("burst_best", 36), ("inplace", 26), ("inlined", 16))]
    for subject in (best_burst(results), "inplace"):
        rows.append((f"{subject}: empty poll, ticks", 12,
                     median(results.rounds(subject, "ticks", "empty").values())))
        rows.append((f"{subject}: tail writes per packet", 2 / 32,
                     results.one("instructions", subject=subject, touch=0,
                                 packets=128).get("tail_writes")))
    model = [r["mpps"] for r in results.of("model", what="rx + tx")]
    rows.append(("model: Mpps, at least", -20, -median(model) if model else None))
    for host in ("sync", "thread"):
        rows.append((f"start to first packet, host={host}, ms", 50,
                     median(r["ms"] for r in results.of("start", host=host))))
    return rows


def number(value):
    return "" if value is None else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def print_table(title, head, rows):
    cells = [head] + [[number(c) if c is None or isinstance(c, float) else str(c) for c in row]
                      for row in rows]
    widths = [max(len(r[i]) for r in cells) for i in range(len(head))]
    print(f"\n{title}")
    for row in cells:
        print("  " + row[0].ljust(widths[0]) +
              "".join("  " + c.rjust(w) for c, w in zip(row[1:], widths[1:])))


def cost(results, subject, **want):
    values = results.rounds(subject, **want).values()
    if not values:
        return None
    return f"{number(median(values))} ±{number(spread(values))}"


def print_costs(results):
    rows = []
    for subject in results.subjects():
        row = [subject]
        for regime in REGIMES:
            for touch in (0, 1):
                row.append(cost(results, subject, regime=regime, touch=touch, mode="window",
                                burst=32))
        rows.append(row)
    print_table("Ticks per packet, receive and send, bursts of 32, 64-byte frames, ring 512 "
                "(mean of the middle half of the windows, "
                "median of rounds ± half the quartiles' distance)",
                ["", "warm", "touched", "other core", "touched", "L3", "touched", "DRAM",
                 "touched"], rows)
    rows = []
    for subject in results.subjects():
        row = [subject]
        for burst in (1, 4, 8, 16, 32, 64, 256):
            row.append(median(results.rounds(subject, regime="warm", touch=0, mode="window",
                                             burst=burst).values()))
        for packets in (1, 32):
            row.append(median(results.rounds(subject, "mean", regime="warm", touch=0,
                                             mode="single", packets=packets).values()))
        row.append(median(results.rounds(subject, "ticks", "empty").values()))
        rows.append(row)
    print_table("Ticks per packet against burst, warm, untouched; one fenced burst alone; a poll "
                "that finds nothing",
                ["", "1", "4", "8", "16", "32", "64", "256", "one of 1", "one of 32", "empty"], rows)


def print_counts(results):
    rows = []
    for subject in results.subjects("instructions"):
        one = results.one("instructions", subject=subject, touch=0, packets=128)
        rows.append([subject, results.instructions(subject), results.instructions(subject, 1),
                     results.instructions(subject, 0, 1), f"{one['tail_writes']:.4f}",
                     results.one("dma", subject=subject).get("bytes")])
    print_table("Per packet: instructions (single-stepped), tail register writes, DMA bytes",
                ["", "burst 32", "touched", "burst 1", "tail writes", "DMA bytes"], rows)


def print_sizes(results):
    for kind, key, title in (("ring", "ring", "Ticks per packet against ring size"),
                             ("frame", "size", "Ticks per packet against frame size")):
        sizes = sorted({r[key] for r in results.of(kind)})
        rows = [[s] + [median(results.rounds(s, kind=kind, **{key: n}).values()) for n in sizes]
                for s in results.subjects(kind)]
        if rows:
            print_table(title + ", warm, touched", [""] + [str(n) for n in sizes], rows)


def print_rest(results):
    rows = []
    for subject in results.subjects("latency"):
        row = [subject]
        for name in ("p50", "p90", "p99", "p999"):
            values = results.rounds(subject, name, "latency").values()
            row.append(f"{median(values):.0f} ±{spread(values):.0f}")
        rows.append(row + [sum(r["frames"] for r in results.of("latency", subject=subject, usual=True))])
    if rows:
        usual = [r["probe"] for r in results.of("latency") if r["usual"]]
        print_table("Latency from wire to wire in ns, echo, the model on the other core, "
                    f"{median(usual):.0f} ticks away and back",
                    ["", "p50", "p90", "p99", "p99.9", "frames"], rows)
    rows = []
    for subject in results.subjects("scaling"):
        for n in sorted({r["queues"] for r in results.of("scaling", subject=subject)}):
            alone = results.rounds(subject, "alone", "scaling", queues=n)
            together = results.rounds(subject, "together", "scaling", queues=n)
            rate = median(n * alone[r] / together[r] for r in alone)
            rows.append([subject, n, median(alone.values()), median(together.values()),
                         f"{rate:.2f}"])
    if rows:
        print_table("Several queues of one device, a core each: ticks per packet while the other "
                    "cores stand still, while they work; rate in queues",
                    ["", "queues", "alone", "together", "rate"], rows)
    whats = list(dict.fromkeys(r["what"] for r in results.of("model")))
    rows = [[w, median(r["mpps"] for r in results.of("model", what=w))] for w in whats]
    hosts = list(dict.fromkeys(r["host"] for r in results.of("start")))
    rows += [[f"start to first packet, host={h}, ms",
              median(r["ms"] for r in results.of("start", host=h))] for h in hosts]
    if rows:
        print_table("The model alone, 64-byte frames, one core: Mpps", ["", ""], rows)


def print_machine(results):
    m = results.one("machine")
    print(f"{m['cpu']}, {m['cores']} cores, Linux {m['kernel']}, {m['compiler']} {m['flags']}\n"
          f"load {m['load']}, {m['ticks_per_us']:.0f} ticks per µs, "
          f"{m['ticks_per_core_cycle']:.2f} ticks per core cycle")
    probes = [r["probe"] for r in results.rows if "probe" in r]
    if probes:
        print(f"a cache line to the other core and back: {median(probes):.0f} ticks "
              f"({min(probes):.0f} to {max(probes):.0f}); {results.moved} rows dropped because it "
              "jumped; tables show the distance that was most frequent")
    if m["load"] > 0.5 * m["cores"]:
        print("WARNING: the machine was busy, times are not to be trusted; "
              "instruction counts are")
    for row in results.of("missing"):
        print(f"WITHOUT {row['subject']}: {row['why']}")
    for row in results.of("fault"):
        print(f"FAULT {row['subject']}: {row['what']}")


def print_budgets(rows, rel):
    table = []
    for what, limit, value in rows:
        state = "unknown" if value is None else "met" if value <= limit else "MISSED"
        table.append([what, f"{abs(limit):.3g}", "" if value is None else f"{abs(value):.3g}",
                      state])
    print_table("Budgets", ["", "limit", "here", ""], table)
    if not rel:
        print("\nNO RATIOS: DPDK is not in this build; install libdpdk-dev and build again.")


def main():
    parser = argparse.ArgumentParser(description="Tables of what nicety-bench measured.")
    parser.add_argument("results")
    parser.add_argument("--json", help="write ratios and medians there")
    parser.add_argument("--charts", help="write SVG charts into this folder")
    args = parser.parse_args()
    with open(args.results, encoding="utf-8") as f:
        results = Results(f)
    rel, ins = ratios(results), instructions(results)
    print_machine(results)
    if results.of("cycles"):
        print_costs(results)
    if results.of("instructions"):
        print_counts(results)
    print_sizes(results)
    print_rest(results)
    limits = budgets(results, rel, ins)
    print_budgets(limits, rel)
    if args.json:
        out = {"machine": results.one("machine"),
               "ratios": {k: round(v[0], 4) for k, v in rel.items()},
               "ratio_spreads": {k: round(v[1], 4) for k, v in rel.items()},
               "instructions": ins,
               "budgets": [{"what": w, "limit": abs(x), "value": None if v is None else abs(v)}
                           for w, x, v in limits],
               "missing": results.of("missing"), "faults": results.of("fault"),
               "rows_dropped": results.moved,
               "rows": [r for r in results.rows if r["kind"] not in ("machine", "missing",
                                                                     "fault")]}
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump(out, f, indent=1)
    if args.charts:
        for path in charts.write(results, args.charts):
            print(f"chart: {path}")
    return 1 if results.of("fault") else 0


if __name__ == "__main__":
    sys.exit(main())

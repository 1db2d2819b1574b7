#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# What report.py and gate.py conclude from given measurements.
import contextlib
import io
import json
import unittest

import charts
import gate
import report


def cycles(subject, number, mid, **more):
    return {"kind": "cycles", "subject": subject, "mode": "window", "regime": "warm", "touch": 0,
            "burst": 32, "packets": 128, "round": number, "mid": mid, **more}


def far(number, mid, probe, moved=0):
    return cycles("burst_c", number, mid, regime="other_core", probe=probe, moved=moved)


def results(rows):
    return report.Results(json.dumps(r) for r in rows)


class Ratios(unittest.TestCase):
    def test_is_the_median_of_the_rounds_against_the_better_dpdk(self):
        rows = []
        for number, own, scalar, vector in ((0, 5, 40, 10), (1, 4, 10, 40), (2, 90, 40, 10)):
            rows += [cycles("burst_c", number, own), cycles("dpdk_scalar", number, scalar),
                     cycles("dpdk_vector", number, vector)]
        self.assertEqual(report.ratios(results(rows))["burst_c"][0], 0.5)

    def test_is_absent_without_dpdk(self):
        self.assertEqual(report.ratios(results([cycles("burst_c", 0, 5)])), {})

    def test_compares_only_at_the_same_distance_of_the_cores(self):
        rows = [{"kind": "latency", "subject": s, "round": 0, "p50": v, "p99": v, "probe": p,
                 "moved": 0}
                for s, v, p in (("inplace", 100, 250), ("dpdk_vector", 1000, 1000),
                                ("dpdk_scalar", 200, 260))]
        self.assertEqual(report.ratios(results(rows))["latency_p50"][0], 0.5)


class Distances(unittest.TestCase):
    def test_rows_in_which_it_jumped_are_dropped(self):
        r = results([far(0, 5, 600, 1), far(1, 7, 250)])
        self.assertEqual(r.rounds("burst_c"), {1: 7})
        self.assertEqual(r.moved, 1)

    def test_tables_show_the_most_frequent(self):
        r = results(far(number, distance, distance)
                    for number, distance in enumerate((250, 1000, 260)))
        self.assertEqual(r.rounds("burst_c"), {0: 250, 2: 260})


class Gate(unittest.TestCase):
    def faults(self, new, compiler="gcc 12", missing=()):
        old = {"compiler": "gcc 12", "instructions": {"a x": 100, "b x": 50}}
        with contextlib.redirect_stdout(io.StringIO()) as out:
            return gate.compare(old, compiler, new, list(missing)), out.getvalue()

    def test_allows_three_percent_either_way(self):
        self.assertEqual(self.faults({"a x": 102.9, "b x": 48.6})[0], 0)

    def test_more_or_less_is_a_fault(self):
        self.assertEqual(self.faults({"a x": 103.1, "b x": 48.4})[0], 2)

    def test_a_row_that_is_gone_or_new_is_a_fault(self):
        self.assertEqual(self.faults({"a x": 100, "c x": 1})[0], 2)

    def test_a_row_that_cannot_run_here_is_named(self):
        faults, said = self.faults({"a x": 100}, missing=["b"])
        self.assertEqual(faults, 0)
        self.assertIn("NOT COMPARED", said)

    def test_another_compiler_is_allowed_more_and_named(self):
        faults, said = self.faults({"a x": 114, "b x": 50}, "clang 14")
        self.assertEqual(faults, 0)
        self.assertIn("clang 14", said)
        self.assertEqual(self.faults({"a x": 116, "b x": 50}, "clang 14")[0], 1)


class Charts(unittest.TestCase):
    def test_every_point_is_drawn(self):
        svg = charts.chart("t", "x", "y", {"a": {1: 2, 2: 3}, "b<": {1: 5}})
        self.assertEqual(svg.count("<circle"), 3)
        self.assertIn("b&lt;", svg)


if __name__ == "__main__":
    unittest.main()

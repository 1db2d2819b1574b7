#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# DPDK's drivers on our models, judged by testpmd's counters, the models' and the generator's sink.
# Every run is one entry of RUNS.
#
#   runs.py PLUGIN [--short] [RUN...]
import os
import re
import sys

from testpmd import PROMPT, Hang, Testpmd

# What DPDK does against the datasheet, and works on silicon: docs/hardware.md tells about each. Any
# other rule fails the run. LENIENT= (empty) fails and lists all.
EXPLAINED = {
    "82599": """eimc-reserved touched-in-reset autoc-unlocked hthresh-zero dca-rxctrl-bit12
        ring-while-enabled rdrxctl-rscackc rdrxctl-fcoe-wrfix fctrl-while-rx""".split(),
}

VECTOR = ["Vector rx enabled", "Vector tx enabled"]
VECTOR_SCATTERED = ["Using Vector Scattered Rx", "full-featured tx"]
BULK = ["Bulk Alloc function will be used", "Using simple tx"]
FULL = ["Preconditions are not satisfied", "full-featured tx"]
FULL_SCATTERED = ["Using a Scattered with bulk allocation", "full-featured tx"]
SCALAR = ["--force-max-simd-bitwidth=64"]
MULTI_SEGS, CHECKSUMS = 0x8000, 0xe


def run(name, paths, **more):
    base = {"name": name, "paths": paths, "chip": "82599", "id": "10f7", "eal": [], "options": [],
            "commands": [], "mode": "macswap", "count": 20000, "gen": "", "queues": 1,
            "short": False, "special": None}
    return {**base, **more}


def tags(t, r):
    """gen -> port 0 -> port 1 inserts a tag -> cable -> port 2 strips it -> port 3 -> sink"""
    t.type("port config 1 tx_offload vlan_insert on")
    t.type("tx_vlan set 1 77")
    t.type("port start all")
    t.type("vlan set strip on 2")
    forward(t, r)
    n = r["count"]
    stats = t.until(lambda s: s[3]["TX-packets"] == n)
    check(r, "tags were inserted and stripped",
          [s["TX-bytes"] for s in stats[1::2]] == [64 * n, 60 * n]
          and stats[2]["RX-bytes"] == 64 * n, stats)
    return stats


def crc_errors(t, r):
    """every tenth frame has a wrong CRC: counted, not delivered, the others arrive"""
    forward(t, r)
    n = r["count"]
    stats = t.until(lambda s: all(p["TX-packets"] == n for p in s))
    check(r, "bad frames are counted", all(p["RX-errors"] > n // 12 for p in stats), stats)
    return stats


def filtered(t, r):
    """not to our address: only what comes while the port is promiscuous is received"""
    t.type("set promisc all off")
    t.type("port start all")
    forward(t, r)
    stats = t.rest()
    check(r, "nothing for others is received", all(p["RX-packets"] == 0 for p in stats), stats)
    t.type("set promisc all on")
    t.until(lambda s: all(p["TX-packets"] > 1000 for p in s))
    t.type("set promisc all off")
    return t.rest()


def restarts(t, r):
    """ports stopped and started while frames wait; what is in a ring then is lost, nothing else"""
    forward(t, r)
    for _ in range(5):
        t.type("stop")
        t.rest()  # a reset clears the registers: what is not read before is not counted
        t.type("port stop all")
        t.type("port start all")
        t.type("start")
    stats = t.rest()
    lost = [s["RX-packets"] - other["TX-packets"] for s, other in zip(stats, stats[::-1])]
    check(r, f"all {r['count']} were received, {lost} lost in rings",
          all(s["RX-packets"] == r["count"] and s["TX-packets"] > r["count"] // 2 for s in stats)
          and all(0 < n <= 5 * 512 for n in lost), stats)
    return stats


def unplugged(t, r):
    """no cable: the link is down; testpmd says so"""
    info = t.type("show port summary all")
    check(r, "link down without a cable, up with one",
          re.findall(r"\b(up|down)\b", info) == ["down", "up"], info)
    return t.port_stats()


def link_info(t, r):
    """speed as LINKS says; the interrupt of the change arrived, of which DPDK tells a second later"""
    for port in 0, 1:
        t.wait(f"Port {port}: link state change event")
    t.type("")
    info = t.type("show port info 0")
    check(r, "link is up at 10 Gbps", "Link status: up" in info and "10 Gbps" in info, info)
    return everything(t, r)


RUNS = [
    run("vector", VECTOR, short=True, special=link_info, count=200000, gen="size=64-1518"),
    run("bulk", BULK, short=True, eal=SCALAR, gen="size=64-1518"),
    run("full", FULL, short=True, eal=SCALAR, options=["--rxfreet=16", "--txrst=16"]),
    run("vector-io-10fb", VECTOR, id="10fb", mode="io", gen="size=imix"),
    run("vector-4-queues", VECTOR, short=True, queues=4, gen="flows=64"),
    run("bulk-4-queues", BULK, eal=SCALAR, queues=4, gen="flows=64"),
    run("vector-scattered", VECTOR_SCATTERED, short=True, gen="size=64-9018", count=18000,
        options=["--max-pkt-len=9018", "--enable-scatter", f"--tx-offloads={MULTI_SEGS:#x}"]),
    run("scattered", FULL_SCATTERED, eal=SCALAR, gen="size=64-9018", count=18000,
        options=["--max-pkt-len=9018", "--enable-scatter", f"--tx-offloads={MULTI_SEGS:#x}"]),
    run("checksums", FULL, short=True, mode="csum", gen="size=64-1518",
        eal=SCALAR, options=["--rxfreet=16", f"--tx-offloads={CHECKSUMS:#x}", "--enable-rx-cksum",
                 "--disable-device-start"],
        commands=["csum set ip hw 0", "csum set udp hw 0", "csum set ip hw 1",
                  "csum set udp hw 1", "port start all"]),
    run("smallest-rings", VECTOR, options=["--rxd=64", "--txd=64"]),
    run("largest-rings", BULK, eal=SCALAR, options=["--rxd=4096", "--txd=4096"]),
    run("tags", ["full-featured tx"], short=True, special=tags, eal=SCALAR,
        options=["--disable-device-start"]),
    run("crc-errors", VECTOR, special=crc_errors, gen="bad=10"),
    run("filtered", VECTOR, special=filtered, count=0, gen="dst=02:00:00:00:00:99,rate=10kpps",
        options=["--disable-device-start"]),
    run("restarts", VECTOR, special=restarts, gen="size=64-1518", count=100000),
    run("unplugged", VECTOR, special=unplugged),
]

passed = failed = 0
seen = {chip: set() for chip in EXPLAINED}  # rules that were broken


def check(r, name, good, shown=""):
    global passed, failed
    if good:
        passed += 1
        print(f"ok      {r['name']}: {name}", flush=True)
    else:
        failed += 1
        print(f"FAILED  {r['name']}: {name}")
        for line in str(shown).strip().splitlines()[-40:]:
            print(f"        {line}")
        sys.stdout.flush()


def devices(r):
    chip = f"model:{r['chip']}?id={r['id']}"
    def gen(port, options):
        to = f"dst=02:00:00:00:00:0{port}," if "dst=" not in options else ""
        return f"{chip}&mac=02:00:00:00:00:0{port}&wire=gen:count={r['count']},{to}{options}check"
    options = r["gen"] + "," if r["gen"] else ""
    if r["special"] is tags:
        cable = f"{chip}&wire=link:cable&mac=02:00:00:00:00:0"
        return [gen(1, options), cable + "2", cable + "3", f"{chip}&wire=gen:check"]
    if r["special"] is unplugged:
        return [chip, f"{chip}&wire=loop"]
    return [gen(1, options), gen(2, options)]


def forward(t, r):
    t.type(f"set fwd {r['mode']} retry")
    t.type("set burst tx delay 1 retry 1000000")  # a busy model is no reason to lose a frame
    t.type("start")


def everything(t, r):
    """all frames there and back; counters by size and queue"""
    n = r["count"]
    forward(t, r)
    stats = t.until(lambda s: all(p["RX-packets"] == p["TX-packets"] == n for p in s))
    if r["queues"] > 1:
        answer = t.type("stop")
        used = re.findall(r"RX Port= 0/Queue= *\d+ .*?RX-packets: (\d+)", answer, re.S)
        check(r, f"all {r['queues']} queues received",
              len(used) == r["queues"] and sum(map(int, used)) == n and "0" not in used, answer)
    return stats


def judge_wire(r, reports):
    """the sinks: every frame once, in order, undamaged"""
    ends = [o["counters"] for o in reports]
    sent = sum(c.get("wire_sent", 0) for c in ends)
    received = sum(c.get("wire_received", 0) for c in ends)
    bad = {k: sum(c.get(k, 0) for c in ends) for k in
           ("wire_duplicated", "wire_reordered", "wire_stale", "wire_corrupted", "wire_foreign")}
    check(r, f"no frame twice, late or damaged of {received}",
          received and not any(bad.values()), ends)
    if r["special"] not in (filtered, restarts):
        check(r, f"all {sent} frames arrived", sent == received, ends)
    check(r, "the model lost none without a name", all(
        c["model_wire_in"] == c["model_delivered"] + sum(
            v for k, v in c.items() if k.startswith("model_rx_")) for c in ends), ends)


def judge_counters(r, stats, reports):
    """testpmd's statistics of the ports are what the models counted, exactly"""
    mine = [{"RX-packets": o["counters"]["model_delivered"],
             "TX-packets": o["counters"]["model_wire_out"],
             "RX-errors": o["counters"]["model_rx_crc"], "RX-missed": 0, "RX-nombuf": 0,
             "TX-errors": 0} for o in reports]
    theirs = [{k: s[k] for k in m} for s, m in zip(stats, mine)]
    check(r, "testpmd's counters are the model's", mine == theirs, f"{mine}\n{theirs}")
    if "dst=" in r["gen"] or r["special"] in (unplugged, restarts, tags):
        return
    # RX: what the other end's generator sent; TX: what its sink received. Bytes without CRC.
    check(r, "and so are the bytes", all(
        s["RX-bytes"] == o["counters"]["wire_sent_bytes"]
        and s["TX-bytes"] == o["counters"]["wire_received_bytes"]
        for s, o in zip(stats, reports)), f"{stats}\n{reports}")


def judge_rules(r, reports):
    lenient = os.environ.get("LENIENT", " ".join(EXPLAINED[r["chip"]])).split()
    seen[r["chip"]] |= {x["rule"] for o in reports for x in o["rules"]}
    broken = {x["rule"]: x for o in reports for x in o["rules"] if x["rule"] not in lenient}
    check(r, "no rule is broken but those explained", not broken,
          "\n".join(f"{x['rule']} ({x['section']}), {x['count']} times: {x['text']}"
                    for x in broken.values()))
    if r["count"] >= 100000:
        check(r, "tails became plain memory", all(o["opened"] for o in reports), reports)
    check(r, "no register write was missed", all(o["missed"] == 0 for o in reports), reports)


def one(r, plugin):
    eal, options = list(r["eal"]), list(r["options"])
    options += ["--no-flush-rx", f"--rxq={r['queues']}", f"--txq={r['queues']}"]
    if r["queues"] > 1:
        options += ["--rss-udp", "--nb-cores=1"]
    t = Testpmd(plugin, devices(r), eal, options)
    try:
        t.wait(PROMPT)
        for command in r["commands"]:
            t.type(command)
        stats = (r["special"] or everything)(t, r)
        log = t.logged()
        check(r, "the paths are: " + ", ".join(r["paths"]), all(p in log for p in r["paths"]), log)
        code, reports = t.quit()
        check(r, "testpmd ends well", code == 0 and len(reports) == len(devices(r)), t.output)
        judge_counters(r, stats, reports)
        if r["special"] is not unplugged:
            judge_wire(r, reports)
        judge_rules(r, reports)
        if os.environ.get("SHOW"):
            print(reports)
    except Hang as hang:
        check(r, str(hang), False, t.logged() + t.output)
    finally:
        t.close()


def main():
    plugin, arguments = os.path.abspath(sys.argv[1]), sys.argv[2:]
    short = "--short" in arguments
    names = [a for a in arguments if a != "--short"]
    chosen = [r for r in RUNS if (r["name"] in names if names else r["short"] or not short)]
    if len(chosen) < max(1, len(names)):
        print("runs.py: there are: " + "; ".join(r["name"] for r in RUNS), file=sys.stderr)
        return 2
    for r in chosen:
        print(f"-- {r['name']}", flush=True)
        one(r, plugin)
    if chosen == RUNS:
        for chip, rules in EXPLAINED.items():
            check({"name": chip}, "every explained rule was broken", set(rules) <= seen[chip],
                  "explained in vain: " + " ".join(set(rules) - seen[chip]))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


sys.exit(main())

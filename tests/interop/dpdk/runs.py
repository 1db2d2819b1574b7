#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# DPDK's drivers on our models, judged by testpmd's counters, the models' and the generator's sink.
# Every run is one entry of RUNS.
#
#   runs.py PLUGIN [--short] [RUN...]     a chip names all of its runs
import json
import os
import re
import subprocess
import sys

from testpmd import PROMPT, Hang, Testpmd

# What DPDK does against the datasheet, and works on silicon: docs/hardware.md tells about each. Any
# other rule fails the run. LENIENT= (empty) fails and lists all.
EXPLAINED = {
    "82599": """eimc-reserved touched-in-reset autoc-unlocked hthresh-zero dca-rxctrl-bit12
        ring-while-enabled rdrxctl-rscackc rdrxctl-fcoe-wrfix fctrl-while-rx""".split(),
    "82576": ["touched-in-reset", "ring-while-enabled"],
    "82574l": ["tctl-collision"],
    "82540em": ["tctl-collision", "tipg-zero"],
}
SPEED = {chip: "10 Gbps" if chip == "82599" else "1 Gbps" for chip in EXPLAINED}

# Bytes that the driver counts in each frame beyond what applications see: the CRC.
EXTRA = {"82599": 0, "82576": 0, "82574l": 4, "82540em": 4}
# igb moves the tails at their 82575's addresses, aliases, which the model does not poll.
OPENS = ("82599", "82574l", "82540em")
DROPS = """off short filtered flow_control crc oversize queue_off no_descriptor packet_buffer_full
    dma_failed""".split()

# What the driver says in its log of the functions it chose.
VECTOR = ["Vector rx enabled", "Vector tx enabled"]
VECTOR_SCATTERED = ["Using Vector Scattered Rx", "full-featured tx"]
BULK = ["Bulk Alloc function will be used", "Using simple tx"]
FULL = ["Preconditions are not satisfied", "full-featured tx"]
FULL_SCATTERED = ["Using a Scattered with bulk allocation", "full-featured tx"]
SCALAR = ["--force-max-simd-bitwidth=64"]
OTHER = "02:00:00:00:00:99"  # an address that is none of the ports'
MULTI_SEGS, CHECKSUMS = 0x8000, 0xe


def run(chip, name, paths=(), **more):
    base = {"name": f"{chip}-{name}", "chip": chip, "id": None, "paths": paths, "eal": [],
            "options": [], "commands": [], "mode": "macswap", "count": 20000, "gen": "",
            "queues": 1, "short": False, "special": None}
    return {**base, **more}


def tags(t, r):
    """gen -> port 0 -> port 1 inserts a tag -> cable -> port 2 strips it -> port 3 -> sink"""
    t.type("port config 1 tx_offload vlan_insert on")
    t.type("tx_vlan set 1 77")
    t.type("port start all")
    t.type("vlan set strip on 1")  # em inserts only while it strips, too: both are CTRL.VME
    t.type("vlan set strip on 2")
    forward(t, r)
    n, extra = r["count"], EXTRA[r["chip"]]
    stats = t.until(lambda s: s[3]["TX-packets"] == n)
    check(r, "tags were inserted and stripped",
          [s["TX-bytes"] for s in stats[1::2]] == [(64 + extra) * n, (60 + extra) * n]
          and stats[2]["RX-bytes"] == (64 + extra) * n, stats)
    return stats


def crc_errors(t, r):
    """every tenth frame has a wrong CRC: counted, not delivered, the others arrive"""
    forward(t, r)
    n = r["count"]
    stats = t.until(lambda s: all(p["TX-packets"] == n for p in s))
    check(r, "bad frames are counted", all(p["RX-errors"] > n // 12 for p in stats), stats)
    return stats


def filtered(t, r):
    """frames for a third address: received as long as the port has it, or is promiscuous"""
    def flows(last):
        return t.until(lambda s: all(p["TX-packets"] > q["TX-packets"] + 1000
                                     for p, q in zip(s, last)))

    t.type("set promisc all off")
    t.type("port start all")
    forward(t, r)
    stats = t.rest()
    check(r, "nothing for others is received", all(p["RX-packets"] == 0 for p in stats), stats)
    for port in 0, 1:
        t.type(f"mac_addr add {port} {OTHER}")
    stats = flows(stats)
    for port in 0, 1:
        t.type(f"mac_addr remove {port} {OTHER}")
    stats = t.rest()  # or it hangs: the address is gone
    t.type("set promisc all on")
    stats = flows(stats)
    t.type("set promisc all off")
    return t.rest()


def restarts(t, r):
    """ports stopped with frames in their rings: these are lost, nothing else"""
    rounds, ring = 5, 512
    for _ in range(rounds):
        t.plug_silently(True)
        t.rest()  # the rings are full; a reset clears the registers, so they are read before
        t.plug_silently(False)
        t.type("port stop all")
        t.type("port start all")
    forward(t, r)
    stats = t.rest()
    lost = [s["RX-packets"] - other["TX-packets"] for s, other in zip(stats, stats[::-1])]
    check(r, f"all {r['count']} were received, {lost[0]} lost in rings",
          all(s["RX-packets"] == r["count"] for s in stats)
          and lost == 2 * [rounds * (ring - 1)], stats)
    return stats


def flaps(t, r):
    """cables out and in: each change is told by interrupt"""
    stats, n = everything(t, r), len(devices(r))
    for _ in range(2):
        summary = t.plug(n, False)
        check(r, "link down", summary.count(" down ") == n, summary)
        summary = t.plug(n)
        check(r, "link up again", len(links_up(r, summary)) == n, summary)
    return stats


NOT_STARTED = ["--disable-device-start"]
JUMBO = ["--max-pkt-len=9018", "--enable-scatter", f"--tx-offloads={MULTI_SEGS:#x}"]
CSUM = [f"--tx-offloads={CHECKSUMS:#x}", "--enable-rx-cksum", *NOT_STARTED]
CSUM_COMMANDS = ["csum set ip hw 0", "csum set udp hw 0", "csum set ip hw 1", "csum set udp hw 1",
                 "port start all"]


def common(chip, paths=(), **more):
    """what every driver can do, as it comes"""
    return [
        run(chip, "rings-of-64", paths, options=["--rxd=64", "--txd=64"], **more),
        run(chip, "crc-errors", paths, special=crc_errors, gen="bad=10", **more),
        run(chip, "filtered", paths, special=filtered, count=0, options=NOT_STARTED,
            gen=f"dst={OTHER},rate=10kpps", **more),
        run(chip, "restarts", paths, special=restarts, gen="size=64-1518", count=100000,
            options=["--rxd=512"], **more),
        run(chip, "flaps", paths, special=flaps, **more),
    ]


def gigabit(chip):
    """the same for all of e1000's drivers, which have one path each way"""
    return [
        run(chip, "plain", short=True, count=1000000, gen="size=64-1518"),
        run(chip, "scattered", short=True, gen="size=64-9018", count=18000, options=JUMBO),
        run(chip, "checksums", short=True, mode="csum", gen="size=64-1518", options=CSUM,
            commands=CSUM_COMMANDS),
        run(chip, "rings-of-4096", options=["--rxd=4096", "--txd=4096"]),
        run(chip, "tags", special=tags, options=NOT_STARTED),
        *common(chip),
    ]


RUNS = [
    run("82599", "vector", VECTOR, short=True, count=1000000,
        gen="size=64-1518", id="10f7"),
    run("82599", "bulk", BULK, short=True, eal=SCALAR, gen="size=64-1518", id="10f7"),
    run("82599", "full", FULL, short=True, eal=SCALAR, id="10f7",
        options=["--rxfreet=16", "--txrst=16"]),
    run("82599", "10fb", VECTOR, id="10fb", mode="io", gen="size=imix"),
    run("82599", "vector-queues", VECTOR, short=True, queues=4, gen="flows=64", id="10f7"),
    run("82599", "bulk-queues", BULK, eal=SCALAR, queues=4, gen="flows=64", id="10f7"),
    run("82599", "vector-scattered", VECTOR_SCATTERED, short=True, gen="size=64-9018", count=18000,
        options=JUMBO, id="10f7"),
    run("82599", "scattered", FULL_SCATTERED, eal=SCALAR, gen="size=64-9018", count=18000,
        options=JUMBO, id="10f7"),
    run("82599", "checksums", FULL, short=True, mode="csum", gen="size=64-1518", id="10f7",
        eal=SCALAR, options=["--rxfreet=16", *CSUM], commands=CSUM_COMMANDS),
    run("82599", "rings-of-4096", BULK, eal=SCALAR, options=["--rxd=4096", "--txd=4096"],
        id="10f7"),
    run("82599", "tags", ["full-featured tx"], short=True, special=tags, eal=SCALAR,
        options=NOT_STARTED, id="10f7"),
    *common("82599", VECTOR, id="10f7"),

    *gigabit("82576"),
    run("82576", "queues", short=True, queues=4, gen="flows=64"),
    *gigabit("82574l"),
    *gigabit("82540em"),
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
    chip = f"model:{r['chip']}?" + (f"id={r['id']}&" if r["id"] else "")
    def gen(port, options):
        to = f"dst=02:00:00:00:00:0{port}," if "dst=" not in options else ""
        return f"{chip}mac=02:00:00:00:00:0{port}&wire=gen:count={r['count']},{to}{options}check"
    options = r["gen"] + "," if r["gen"] else ""
    if r["special"] is tags:
        cable = f"{chip}wire=link:cable&mac=02:00:00:00:00:0"
        return [gen(1, options), cable + "2", cable + "3", f"{chip}wire=gen:check"]
    return [gen(1, options), gen(2, options)]


def links_up(r, summary):
    return re.findall(rf" up +{SPEED[r['chip']]}$", summary, re.M)


def forward(t, r):
    t.type(f"set fwd {r['mode']} retry")
    t.type("set burst tx delay 1 retry 1000000")  # a busy model is no reason to lose a frame
    t.type("start")
    summary = t.plug(len(devices(r)))
    check(r, f"with the cables the links are up at {SPEED[r['chip']]}",
          len(links_up(r, summary)) == len(devices(r)), summary)


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
        c["model_wire_in"] == c["model_delivered"] + sum(c.get("model_rx_" + d, 0) for d in DROPS)
        for c in ends), ends)


def judge_counters(r, stats, reports):
    """testpmd's statistics of the ports are what the models counted, exactly"""
    mine = [{"RX-packets": o["counters"]["model_delivered"],
             "TX-packets": o["counters"]["model_wire_out"],
             "RX-errors": o["counters"]["model_rx_crc"], "TX-errors": 0, "RX-nombuf": 0,
             "RX-missed": o["counters"]["model_rx_packet_buffer_full"]} for o in reports]
    theirs = [{k: s[k] for k in m} for s, m in zip(stats, mine)]
    check(r, "testpmd's counters are the model's", mine == theirs, f"{mine}\n{theirs}")
    if "dst=" in r["gen"] or r["special"] in (restarts, tags):
        return
    extra = EXTRA[r["chip"]]
    # RX: what the other end's generator sent; TX: what its sink received. Bytes without CRC.
    check(r, "and so are the bytes", all(
        s["RX-bytes"] == o["counters"]["wire_sent_bytes"] + extra * s["RX-packets"]
        and s["TX-bytes"] == o["counters"]["wire_received_bytes"] + extra * s["TX-packets"]
        for s, o in zip(stats, reports)), f"{stats}\n{reports}")


def judge_rules(r, reports):
    lenient = os.environ.get("LENIENT", " ".join(EXPLAINED[r["chip"]])).split()
    seen[r["chip"]] |= {x["rule"] for o in reports for x in o["rules"]}
    broken = {x["rule"]: x for o in reports for x in o["rules"] if x["rule"] not in lenient}
    check(r, "no rule is broken but those explained", not broken,
          "\n".join(f"{x['rule']} ({x['section']}), {x['count']} times: {x['text']}"
                    for x in broken.values()))
    if r["count"] >= 1000000 and r["chip"] in OPENS:
        check(r, "tails became plain memory", all(o["opened"] for o in reports), reports)
    check(r, "no register write was missed", all(o["missed"] == 0 for o in reports), reports)


def remember_registers(reports):
    """for ../registers.py"""
    if os.environ.get("REGISTERS"):
        with open(os.environ["REGISTERS"], "a", encoding="utf-8") as f:
            for o in reports:
                f.write(json.dumps({"driver": "DPDK", "chip": o["model"],
                                    "registers": o["registers"]}) + "\n")


def one(r, plugin):
    eal, options = list(r["eal"]), list(r["options"])
    options += [f"--rxq={r['queues']}", f"--txq={r['queues']}"]
    if r["queues"] > 1:
        options += ["--rss-udp", "--nb-cores=1"]
    t = Testpmd(plugin, devices(r), eal, options)
    try:
        t.wait(PROMPT)
        for command in r["commands"]:
            t.type(command)
        stats = (r["special"] or everything)(t, r)
        log = t.logged()
        for path in r["paths"]:
            check(r, f"the driver says: {path}", path in log, log)
        code, reports = t.quit()
        check(r, "testpmd ends well", code == 0 and len(reports) == len(devices(r)), t.output)
        judge_counters(r, stats, reports)
        judge_wire(r, reports)
        judge_rules(r, reports)
        remember_registers(reports)
        if os.environ.get("SHOW"):
            print(reports)
    except (Hang, OSError, subprocess.TimeoutExpired) as fault:
        check(r, str(fault), False, t.logged() + t.output + "\n" + t.threads())
    finally:
        t.close()


def main():
    plugin, arguments = os.path.abspath(sys.argv[1]), sys.argv[2:]
    short = "--short" in arguments
    names = [a for a in arguments if a != "--short"]
    chosen = [r for r in RUNS if (r["name"] in names or r["chip"] in names if names
                                  else r["short"] or not short)]
    if len(chosen) < max(1, len(names)):
        print("runs.py: there are: " + " ".join(r["name"] for r in RUNS), file=sys.stderr)
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

"""Durable changes, in a folder beside the build: the disk that is measured is that one's."""

import contextlib
import pathlib
import sys
import tempfile

from rows.programs import CORES, SERVER_CORE, bare, json_of, load, rounds, skepd
from rows.table import verdict

WRITES = {"durable/register": "register", "durable/kv-put": "kv-put"}
READS = {"durable/heartbeat": "heartbeat", "durable/find-100": "find-100"}
LOADS = {"load/100k": 100_000, "load/1m": 1_000_000}
NAMES = ["commits", *WRITES, *READS, *LOADS]
NOISE = 1.05  # Two runs of one program differ by as much.
OUTSTANDING, SOME = 64, 8


def run(table, programs, wanted, quick):
    if "commits" in wanted:
        run_commits(table, programs, quick)
    for name, scenario in WRITES.items():
        if name in wanted:
            run_writes(table, programs, scenario, quick)
    for name, scenario in READS.items():
        if name in wanted:
            run_reads(table, programs, scenario, quick)
    for name, records in LOADS.items():
        if name in wanted:
            run_load(table, programs, records)


@contextlib.contextmanager
def folder(programs):
    with tempfile.TemporaryDirectory(dir=programs) as above:
        yield pathlib.Path(above) / "data"


def stored(programs, data, durability, **where):
    return skepd(programs, "--storage", "rocksdb", "--data", data, "--durability", durability,
                 **where)


def commits(programs, quick, *what, core=None):
    """Changes through the committer alone, without a server."""
    with folder(programs) as data:
        figures = json_of(programs / "skep_commits", data, 3 if quick else 5,
                          0.5 if quick else 1, *what, core=core)
    return {(row["name"], row["outstanding"]): row for row in figures}


def run_commits(table, programs, quick):
    rows = commits(programs, quick)
    floor = rows["single writer", 1]
    for (name, outstanding), row in rows.items():
        if name != "sync":
            continue
        rate, async_rate = row["per_second"], rows["async", outstanding]["per_second"]
        ratio = rate / floor["per_second"]
        most = min(8, 0.8 * async_rate / floor["per_second"])
        target = {1: (">= 0.71", ratio >= 1 / 1.4), OUTSTANDING: (f">= {most:.1f}", ratio >= most)}
        shown, holds = target.get(outstanding, ("", True))
        table.add(f"durable changes, {outstanding} at once", f"{rate:,.0f}/s",
                  f"{floor['per_second']:,.0f}/s", f"{ratio:.2f}", target=shown,
                  verdict=verdict(holds) if shown else "")
        table.add("  p50 / p99 of the acknowledgement",
                  f"{row['p50_us']:,.0f}/{row['p99_us']:,.0f} us",
                  f"{floor['p50_us']:,.0f}/{floor['p99_us']:,.0f} us")
        table.add("  without syncs", f"{async_rate:,.0f}/s")


def run_writes(table, programs, scenario, quick):
    single = commits(programs, quick, "single-writer",
                     core=SERVER_CORE)["single writer", 1]
    with folder(programs) as synced, folder(programs) as not_synced, \
            stored(programs, synced, "sync") as ours, \
            stored(programs, not_synced, "async") as beside:
        sides = [*ours.as_target(), *beside.as_beside(), "--scenario", scenario, *rounds(quick)]
        many = load(programs, *sides, "--connections", OUTSTANDING)
        some = load(programs, *sides, "--connections", SOME)
        with bare(programs, many["answer_bytes"]) as floor:
            one = load(programs, *sides, *floor.as_floor(), "--connections", 1)
    add_many(table, scenario, many, single, OUTSTANDING)
    add_many(table, scenario, some, single, SOME)
    add_one(table, scenario, one, single)


def add_many(table, scenario, result, single, clients):
    """Only of most clients is there something to reach."""
    ours, beside = result["target"], result["beside"]
    rate, floor = ours["requests_per_s"], single["per_second"]
    least = min(8, 0.8 * beside["requests_per_s"] / floor)
    aim = {"target": f">= {least:.1f}", "verdict": verdict(rate / floor >= least)}
    table.add(f"durable {scenario}, {clients} clients", f"{rate:,.0f}/s", f"{floor:,.0f}/s",
              f"{rate / floor:.2f}", f"{ours['cpu_us']:.2f} us",
              **(aim if clients == OUTSTANDING else {}))
    table.sample(f"durable {scenario}, {clients} clients, beside no syncs",
                 beside["ratios"]["requests_per_s"])
    add_latency(table, ours, single)
    table.add("  without syncs", f"{beside['requests_per_s']:,.0f}/s", "", "",
              f"{beside['cpu_us']:.2f} us")


def add_one(table, scenario, result, single):
    """A client that waits for each answer: beside one sync and one empty round trip."""
    ours = result["target"]
    floor = single["p50_us"] + result["floor"]["p50_us"]
    ratio = ours["p50_us"] / floor
    table.add(f"durable {scenario}, one client, p50", f"{ours['p50_us']:,.0f} us",
              f"{floor:,.0f} us", f"{ratio:.2f}", target="<= 1.4 x the floor",
              verdict=verdict(ratio <= 1.4))
    add_latency(table, ours, single)


def add_latency(table, ours, floor):
    table.add("  p50 / p99 of the acknowledgement",
              *(f"{side['p50_us']:,.0f}/{side['p99_us']:,.0f} us" for side in (ours, floor)))


def run_reads(table, programs, scenario, quick):
    """What does not change anything costs the same with a folder and without."""
    with folder(programs) as data, stored(programs, data, "sync") as ours, \
            skepd(programs) as beside:
        result = load(programs, *ours.as_target(), *beside.as_beside(), "--scenario", scenario,
                      *rounds(quick))
    ours, beside = result["target"], result["beside"]
    ratio = beside["ratio"]
    table.sample(f"{scenario} over HTTP, rocksdb beside memory, CPU", beside["ratios"]["cpu_us"],
                 "lower")
    table.add(f"{scenario} over HTTP, rocksdb beside memory", f"{ours['requests_per_s']:,.0f}/s",
              f"{beside['requests_per_s']:,.0f}/s", f"{ratio['requests_per_s']:.2f}",
              f"{ours['cpu_us']:.2f} us", f"{beside['cpu_us']:.2f} us", f"{ratio['cpu_us']:.2f}",
              f"CPU <= {NOISE}", verdict(ratio["cpu_us"] <= NOISE))


def run_load(table, programs, records):
    with folder(programs) as data:
        with stored(programs, data, "async") as server:
            fill = [*server.as_target(), "--prepare-only"]
            load(programs, *fill, "--scenario", "heartbeat", "--instances", records)
            load(programs, *fill, "--scenario", "kv-get", "--items", records)
        size = sum(file.stat().st_size for file in data.rglob("*") if file.is_file())
        with stored(programs, data, "sync", cores=CORES) as server:
            loaded = server.printed(r"loaded (\d+) services, (\d+) keys in (\d+) ms")
    services, keys, ms = map(int, loaded.groups())
    if keys != records or services < records // 100:
        sys.exit(f"bench/run: wrong answer: {loaded.group()}")
    most = records // 100
    table.add(f"load {records:,} instances + {records:,} kvs", f"{ms:,} ms",
              target=f"< {most:,} ms", verdict=verdict(ms < most))
    table.add("  size of the folder", f"{size / 2**20:,.0f} MiB")

"""In process. A row is a benchmark and its floor; the ratio is of speed, so 1 is the floor's."""

import json
import re
import statistics
import subprocess
import sys
import tempfile
import typing

from rows.programs import CORES
from rows.table import verdict

PROGRAM = "skep_bench"
NAMES = [f"process/{part}" for part in ("heartbeat", "find", "register", "open", "config")]
FORMS = [("lease", "ByLease", 0.8), ("binary id", "ByBinaryId", 0.8),
         ("hex text", "ByHexText", 0.5)]
FINDS = [("anonymous", "Anonymous"), ("by a consumer", "ByConsumer")]


class Pair(typing.NamedTuple):
    part: str
    shown: str
    ours: str
    floor: str
    least: float
    apart: bool = True  # Timed apart, which is judged, and back to back.


def pairs():
    for instances, size in ((10_000, "10 k"), (1_000_000, "1 M")):
        for form, template, least in FORMS:
            yield Pair("heartbeat", f"heartbeat, {size}, {form}",
                       f"BM_Heartbeat<{template}>/instances:{instances}",
                       f"BM_HeartbeatFloor/instances:{instances}", least)
    for shown, form in FINDS:
        yield Pair("find", f"find, 10 k services, {shown}", f"BM_Find{form}",
                   f"BM_Find{form}Floor", 0.85)
    yield Pair("register", "register an instance", "BM_Register/iterations:100000",
               "BM_RegisterFloor/iterations:100000", 0.4, apart=False)


class GoogleBenchmark:
    """Medians over repetitions that ran in a random order."""

    def __init__(self, program, names, quick):
        chosen = "|".join(f"^{re.escape(name)}(/|$)" for name in sorted(names))
        with tempfile.NamedTemporaryFile(suffix=".json") as out:
            done = subprocess.run(
                [program, f"--benchmark_filter={chosen}", f"--benchmark_out={out.name}",
                 "--benchmark_out_format=json", "--benchmark_enable_random_interleaving=true",
                 f"--benchmark_repetitions={3 if quick else 5}",
                 f"--benchmark_min_time={0.1 if quick else 0.2}"],
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            if done.returncode != 0:
                sys.exit(f"{done.stderr}bench/run: {program}: status {done.returncode}")
            runs = json.load(out)["benchmarks"]
        self.runs = [run for run in runs if run["run_type"] == "iteration"]

    def values(self, name, key):
        """One for each repetition."""
        values = [run[key] for run in self.runs
                  if re.sub(r"/repeats:\d+", "", run["run_name"]) == name]
        if not values:
            sys.exit(f"bench/run: no benchmark {name}")
        return values

    def median(self, name, key):
        return statistics.median(self.values(name, key))

    def speeds(self, ours, floor, fence=0):
        """How fast ours is beside the floor, in each repetition."""
        times = (self.values(f"{name}/real_time/threads:1", "cpu_time") for name in (ours, floor))
        return [(floor_ns - fence) / (ours_ns - fence) for ours_ns, floor_ns in zip(*times)]

    def ns(self, name, threads=1):
        """CPU time of one operation: what else runs on the machine is not in it."""
        return self.median(f"{name}/real_time/threads:{threads}", "cpu_time")

    def rate(self, name, threads):
        return self.median(f"{name}/real_time/threads:{threads}", "items_per_second")

    def threads(self, name):
        """The numbers of threads that it ran with."""
        runs = (re.match(re.escape(name) + r"/real_time/threads:(\d+)", run["run_name"])
                for run in self.runs)
        return sorted({int(run.group(1)) for run in runs if run})

    def gain(self, name):
        return self.rate(name, 2) / self.rate(name, 1)

    def rates(self, name, threads):
        return self.values(f"{name}/real_time/threads:{threads}", "items_per_second")


def ratios(above, below):
    """Of each repetition."""
    return [one / other for one, other in zip(above, below)]


def add_pair(table, bench, pair):
    apart = "/apart:1" if pair.apart else ""
    fence = bench.median("BM_EndOperation", "cpu_time") if pair.apart else 0
    ours, floor = bench.ns(pair.ours + apart) - fence, bench.ns(pair.floor + apart) - fence
    table.add(pair.shown, f"{ours:,.1f} ns", f"{floor:,.1f} ns", f"{floor / ours:.2f}",
              target=f">= {pair.least}", verdict=verdict(floor / ours >= pair.least))
    table.sample(pair.shown, bench.speeds(pair.ours + apart, pair.floor + apart, fence))
    if pair.apart:
        ours, floor = bench.ns(pair.ours + "/apart:0"), bench.ns(pair.floor + "/apart:0")
        table.add("  back to back", f"{ours:,.1f} ns", f"{floor:,.1f} ns", f"{floor / ours:.2f}")
    if len(CORES) > 1:
        ours, floor = bench.gain(pair.ours + apart), bench.gain(pair.floor + apart)
        table.add("  gain by a second thread", f"{ours:.2f} x", f"{floor:.2f} x",
                  f"{ours / floor:.2f}", target=">= 0.9", verdict=verdict(ours / floor >= 0.9))


def run(table, programs, wanted, quick):
    chosen = [pair for pair in pairs() if f"process/{pair.part}" in wanted]
    names = {name for pair in chosen for name in (pair.ours, pair.floor)}
    if "process/find" in wanted:
        names |= {"BM_FindHot", "BM_FindHotFloor"}
    if "process/open" in wanted:
        names.add("BM_EngineOpen")
    if "process/config" in wanted:
        names.add("BM_KvList")
    if not names:
        return
    names.add("BM_EndOperation")
    bench = GoogleBenchmark(programs / PROGRAM, names, quick)
    for pair in chosen:
        add_pair(table, bench, pair)
    if "process/find" in wanted and len(CORES) > 1:
        ours, floor = (bench.rate(f"BM_FindHot{of}/apart:0", 2) / 1e6 for of in ("", "Floor"))
        table.sample("find, one hot family, 2 threads",
                     ratios(*(bench.rates(f"BM_FindHot{of}/apart:0", 2) for of in ("", "Floor"))))
        table.add("find, one hot family, 2 threads", f"{ours:.1f} M/s", f"{floor:.1f} M/s",
                  f"{ours / floor:.2f}", target=">= 3", verdict=verdict(ours / floor >= 3))
    if "process/open" in wanted:
        us = bench.median("BM_EngineOpen", "cpu_time") / 1e3
        table.sample("open an engine, ns", bench.values("BM_EngineOpen", "cpu_time"), "lower")
        table.add("open an engine", f"{us:,.0f} us", target="< 1000 us", verdict=verdict(us < 1000))
    if "process/config" in wanted:
        for asked, shown in enumerate(("a rare label", "two common labels", "exact labels")):
            many, few = (bench.median(f"BM_KvList/items:{items}/asked:{asked}", "cpu_time") / 1e3
                         for items in (1_000_000, 10_000))
            few_all, many_all = (bench.values(f"BM_KvList/items:{items}/asked:{asked}", "cpu_time")
                                 for items in (10_000, 1_000_000))
            table.sample(f"config list among 1 M, {shown}", ratios(few_all, many_all))
            table.add(f"config list among 1 M, {shown}", f"{many:,.1f} us", f"{few:,.1f} us",
                      f"{few / many:.2f}", target=">= 0.67", verdict=verdict(few / many >= 0.67))

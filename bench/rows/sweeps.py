"""How the figures go with the rate, with the number of instances and with threads: curves."""

from rows.in_process import GoogleBenchmark
from rows.plots import Curves
from rows.programs import CORES, bare, load, skepd

RATES = {"sweep/rate-heartbeat": "heartbeat", "sweep/rate-find-100": "find-100"}
INSTANCES = "sweep/instances"
THREADS = "sweep/threads"
NAMES = [*RATES, INSTANCES, THREADS]
SHARES = (0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9)  # Of the most of the slower side.
SIZES = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
SIDES = {"skepd": "target", "bare Beast": "floor"}


def run(table, programs, wanted, quick):
    for name, scenario in RATES.items():
        if name in wanted:
            table.curves.append(over_rates(programs, scenario, quick))
    if INSTANCES in wanted:
        table.curves.append(over_instances(programs, quick))
    if THREADS in wanted:
        table.curves.append(over_threads(programs, quick))


def seconds(quick, each):
    return ["--rounds", 1 if quick else 3, "--seconds", 0.3 if quick else each]


def over_rates(programs, scenario, quick):
    curves = Curves(f"latency-{scenario}",
                    f"{scenario} over HTTP, open loop: latency over the rate",
                    "requests a second", "microseconds from the intended start", log_y=True)
    with skepd(programs) as ours:
        target = [*ours.as_target(), "--scenario", scenario]
        size = load(programs, *target, "--prepare-only")["answer_bytes"]
        with bare(programs, size) as floor:
            target += floor.as_floor()
            closed = load(programs, *target, *seconds(quick, 1))
            most = min(closed[side]["requests_per_s"] for side in SIDES.values())
            for share in SHARES:
                rate = round(share * most)
                result = load(programs, *target, "--rate", rate, *seconds(quick, 1))
                for shown, side in SIDES.items():
                    for quantile in ("p50", "p99"):
                        curves.add(f"{shown}, {quantile}", rate, result[side][f"{quantile}_us"])
    return curves


def over_instances(programs, quick):
    curves = Curves("throughput-instances", "heartbeats over HTTP: throughput over instances",
                    "instances", "requests a second", log_x=True)
    for size in SIZES[:-2] if quick else SIZES:
        with skepd(programs) as ours, bare(programs, 0) as floor:
            result = load(programs, *ours.as_target(), *floor.as_floor(), "--scenario",
                          "heartbeat", "--instances", size, *seconds(quick, 1))
        for shown, side in SIDES.items():
            curves.add(shown, size, result[side]["requests_per_s"])
    return curves


def over_threads(programs, quick):
    curves = Curves("throughput-threads", "in process: throughput over threads", "threads",
                    "million operations a second")
    asked = {"heartbeat, 1 M instances": "BM_Heartbeat<ByLease>/instances:1000000/apart:0",
             "find, 10 k services": "BM_FindAnonymous/apart:0"}
    bench = GoogleBenchmark(programs / "skep_bench", asked.values(), quick)
    for shown, name in asked.items():
        for threads in bench.threads(name):
            if threads <= len(CORES):
                curves.add(shown, threads, bench.rate(name, threads) / 1e6)
    return curves

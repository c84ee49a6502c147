"""What clients see at a rate that a server bears: its requests begin when their time has come,
whatever the answers do, and are timed from then. Ours and the floor get the same ones."""

from rows.programs import bare, load, rounds, skepd
from rows.table import verdict

SCENARIOS = ("heartbeat", "find-100", "kv-get")
NAMES = [f"rate/{scenario}" for scenario in SCENARIOS]
SHARE = 0.7  # Of the most that both sides reach when an answer is followed by the next request.
P99_MOST = 1.2


def run(table, programs, wanted, quick):
    for scenario in SCENARIOS:
        if f"rate/{scenario}" in wanted:
            run_scenario(table, programs, scenario, quick)


def run_scenario(table, programs, scenario, quick):
    with skepd(programs) as ours:
        target = [*ours.as_target(), "--scenario", scenario]
        size = load(programs, *target, "--prepare-only")["answer_bytes"]
        with bare(programs, size) as floor:
            target += floor.as_floor()
            closed = load(programs, *target, *rounds(True))
            most = min(closed[side]["requests_per_s"] for side in ("target", "floor"))
            result = load(programs, *target, *rounds(quick), "--rate", round(SHARE * most))
    table.sample(f"{scenario}, open loop, p99", result["floor"]["ratios"]["p99_us"], "lower")
    add_rows(table, f"{scenario}, open loop, {SHARE * most:,.0f}/s", result)


def add_rows(table, shown, result):
    ours, floor = result["target"], result["floor"]
    ratio = floor["ratio"]["p99_us"]
    table.add(f"{shown}, p99", f"{ours['p99_us']:,.0f} us", f"{floor['p99_us']:,.0f} us",
              f"{ratio:.2f}", f"{ours['cpu_us']:.2f} us", f"{floor['cpu_us']:.2f} us",
              f"{floor['ratio']['cpu_us']:.2f}", f"<= {P99_MOST}", verdict(ratio <= P99_MOST))
    for name in ("p50", "p90", "p999", "max"):
        table.add(f"  {name}", *(f"{side[f'{name}_us']:,.0f} us" for side in (ours, floor)))

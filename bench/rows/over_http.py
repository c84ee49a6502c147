"""Over HTTP. skepd and what it stands beside on one core, by turns; skep_load on another."""

from rows.programs import bare, load, rounds, skepd
from rows.table import verdict

SMALL, MEDIUM, LARGE = (1.2, 0.8), (0.9, 0.9), (1.0, 1.0)  # Requests at least, CPU at most.
# Beside the floor: what each answer may cost.
FLOORS = {"heartbeat": SMALL, "heartbeat-set-100": SMALL, "find-1": SMALL, "find-100": MEDIUM,
          "find-1000": LARGE, "not-modified": SMALL, "kv-get": SMALL, "kv-list": MEDIUM,
          "kv-304": SMALL}
# Beside the same with a thousandth of the data: the flags of the one and of the other.
MANY = {
    "heartbeat-1m": ("heartbeat", "instances", 1_000_000, 1_000),
    "find-100-1m": ("find-100", "services", 10_000, 10),
    "kv-get-1m": ("kv-get", "items", 1_000_000, 1_000),
    "kv-list-1m": ("kv-list", "items", 1_000_000, 1_000),
    "kv-304-1m": ("kv-304", "items", 1_000_000, 1_000),
}
CHANGING = "find-1000-changing"
NAMES = [f"http/{name}" for name in (*FLOORS, *MANY, CHANGING)]


def run(table, programs, wanted, quick):
    for scenario, limits in FLOORS.items():
        if f"http/{scenario}" in wanted:
            run_floor(table, programs, scenario, limits, quick)
    for name, row in MANY.items():
        if f"http/{name}" in wanted:
            run_many(table, programs, *row, quick)
    if f"http/{CHANGING}" in wanted:
        run_changing(table, programs, quick)


def run_floor(table, programs, scenario, limits, quick):
    with skepd(programs) as ours:
        target = [*ours.as_target(), "--scenario", scenario]
        size = load(programs, *target, "--prepare-only")["answer_bytes"]
        with bare(programs, size) as floor:
            result = load(programs, *target, *floor.as_floor(), *rounds(quick))
    add_row(table, f"{scenario} over HTTP, {size:,} B", result, "floor", *limits,
            sampled=f"{scenario} over HTTP")


def run_many(table, programs, scenario, option, many, few, quick):
    if quick:
        many //= 10
    with skepd(programs) as ours, skepd(programs) as small:
        size = load(programs, *small.as_target(), "--scenario", scenario, f"--{option}", few,
                    "--prepare-only")["answer_bytes"]
        with bare(programs, size) as floor:
            result = load(programs, *ours.as_target(), "--scenario", scenario, f"--{option}", many,
                          *small.as_beside(), f"--beside-{option}", few, *floor.as_floor(),
                          *rounds(quick))
    add_row(table, f"{scenario} over HTTP, {many:,} {option}", result, "floor", *FLOORS[scenario])
    add_row(table, f"  beside {few:,}", result, "beside", 0.8,
            sampled=f"{scenario} over HTTP, {many:,} {option}, beside {few:,}")


def run_changing(table, programs, quick):
    with skepd(programs) as ours:
        result = load(programs, *ours.as_target(), "--scenario", CHANGING, *ours.as_beside(),
                      "--beside-scenario", "find-1000", *rounds(quick))
    add_row(table, "find-1000 over HTTP, 1 % changes a second", result, "beside", 0.7)


def add_row(table, shown, result, other, requests_least, cpu_most=None, sampled=None):
    """`sampled`: the row's name in other runs, too, if it is not the one that is shown."""
    sampled = sampled or shown
    ours, floor = result["target"], result[other]
    ratio = floor["ratio"]
    enough = ratio["requests_per_s"] >= requests_least
    # CPU decides where it is judged: where the generator's core is full, requests are its own.
    judged = verdict(enough if cpu_most is None else ratio["cpu_us"] <= cpu_most)
    if not enough:
        judged += f"; requests short, generator at {ours['generator_cpu']:.0%}"
    target = f">= {requests_least}" + (f", CPU <= {cpu_most}" if cpu_most else "")
    table.sample(sampled, floor["ratios"]["requests_per_s"])
    table.sample(f"{sampled}, CPU", floor["ratios"]["cpu_us"], "lower")
    table.add(shown, f"{ours['requests_per_s']:,.0f}/s", f"{floor['requests_per_s']:,.0f}/s",
              f"{ratio['requests_per_s']:.2f}", f"{ours['cpu_us']:.2f} us",
              f"{floor['cpu_us']:.2f} us", f"{ratio['cpu_us']:.2f}", target, judged)

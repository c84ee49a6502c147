"""All kinds of requests at once, as a registry gets them, and the same for longer."""

from rows.programs import load, skepd

LASTING = {"mixed": (20, 5), "soak": (600, 20)}  # Seconds, and those of a quick run.
NAMES = list(LASTING)


def run(table, programs, wanted, quick):
    for name, seconds in LASTING.items():
        if name in wanted:
            run_mixed(table, programs, name, seconds[quick], 10_000 if quick else 100_000)


def run_mixed(table, programs, name, seconds, instances):
    with skepd(programs) as ours:
        result = load(programs, *ours.as_target(), "--scenario", "mixed", "--instances", instances,
                      "--rounds", 1, "--seconds", seconds, "--warm-up", 2)["target"]
    kinds = result["kinds"]
    answers = sum(kind["requests_per_s"] for kind in kinds.values())
    table.add(f"{name}, {instances:,} instances, {seconds} s", f"{answers:,.0f}/s",
              cpu=f"{result['cpu_us']:.2f} us")
    for kind, figures in kinds.items():
        # What waits for a change takes as long as nothing changes.
        shown = f"{figures['p50_us']:,.0f}/{figures['p99_us']:,.0f} us"
        table.add(f"  {kind}, p50 / p99", f"{figures['requests_per_s']:,.1f}/s",
                  shown if kind != "kv-poll" else "")
    memory = {at: f"{size / 2**20:,.0f} MiB" for at, size in result["memory"].items()}
    table.add(f"  events told to {result['watchers']:,} watchers", f"{result['events']:,}")
    table.add("  memory at first / at last, at most", f"{memory['first']}", memory["last"],
              target=memory["most"])

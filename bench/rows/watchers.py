"""One change to many watchers, and to many long polls."""

from rows.programs import json_of
from rows.table import verdict

WATCHERS = {"watch/100": 100, "watch/1k": 1_000, "watch/10k": 10_000}
WATCHER_BYTES_MOST = 2048
NAMES = [*WATCHERS, "wake"]


def run(*arguments):
    run_watch(*arguments)
    run_wake(*arguments)


def run_watch(table, programs, wanted, quick):
    for name, watchers in WATCHERS.items():
        if name not in wanted:
            continue
        rounds = ["--rounds", 10, "--turns", 3] if quick else ["--rounds", 50, "--turns", 5]
        result = json_of(programs / "skep_fanout", "--json", "--watchers", watchers, *rounds)
        ratio = result["ours_ms"] / result["floor_ms"]
        cpu = result["ours_cpu_ms"] / result["floor_cpu_ms"]
        most = 1.5 if watchers == 10_000 else None
        table.sample(f"one change to {watchers:,} watchers", result["ratios"], "lower")
        table.add(f"one change to {watchers:,} watchers, {result['bytes']} B",
                  f"{result['ours_ms']:,.2f} ms", f"{result['floor_ms']:,.2f} ms", f"{ratio:.2f}",
                  f"{result['ours_cpu_ms']:,.2f} ms", f"{result['floor_cpu_ms']:,.2f} ms",
                  f"{cpu:.2f}", f"<= {most}" if most else "",
                  verdict(ratio <= most) if most else "")
        table.add("  memory of an idle one", f"{result['memory']:,} B",
                  target=f"<= {WATCHER_BYTES_MOST} B",
                  verdict=verdict(result["memory"] <= WATCHER_BYTES_MOST))


def run_wake(table, programs, wanted, quick):
    if "wake" not in wanted:
        return
    result = json_of(programs / "skep_wake", "--json", "--rounds", 3 if quick else 9)
    ours, floor, ratio = (result[key] for key in ("ours_ms", "floor_ms", "ratio"))
    table.sample(f"wake {result['polls']:,} long polls", result["ratios"], "lower")
    table.add(f"wake {result['polls']:,} long polls", f"{ours:,.0f} ms", f"{floor:,.0f} ms",
              f"{ratio:.2f}", target="<= 1.5 x the floor", verdict=verdict(ratio <= 1.5))
    table.add("  memory of each", f"{result['bytes_each']:,} B", target="<= 2048 B",
              verdict=verdict(result["bytes_each"] <= 2048))

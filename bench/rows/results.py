"""Where the figures go, and what is to be known beside them."""

import datetime
import json
import os
import pathlib
import platform
import re
import subprocess
import sys

from rows.plots import draw_all
from rows.programs import CORES

ROOT = pathlib.Path(__file__).resolve().parents[2]


def output_of(*command):
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return result.stdout.strip()


def circumstances(build):
    cache = dict(re.findall(r"^(CMAKE_CXX_COMPILER|CMAKE_BUILD_TYPE|SKEP_SANITIZE):\w+=(.*)$",
                            (build / "CMakeCache.txt").read_text(), re.MULTILINE))
    if cache.get("CMAKE_BUILD_TYPE") != "Release" or cache.get("SKEP_SANITIZE"):
        print("bench/run: not an optimized build; its figures say little", file=sys.stderr)
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return {
        "machine": f"{cpu.group(1) if cpu else platform.machine()}, {len(CORES)} cores, "
                   f"Linux {platform.release()}, load {os.getloadavg()[0]:.1f} at the start",
        "compiler": output_of(cache["CMAKE_CXX_COMPILER"], "--version").splitlines()[0],
        "commit": output_of("git", "describe", "--always", "--dirty") or "not a git tree",
    }


def write_results(table, facts, topic):
    """The table and the curves for people, and what each round gave for bench/compare."""
    path = ROOT / "bench" / "results" / f"{datetime.date.today()}-{topic}.md"
    path.parent.mkdir(exist_ok=True)
    pictures = draw_all(table.curves, lambda name: path.with_name(f"{path.stem}-{name}.svg"))
    listed = "\n".join(f"- {name}: {value}" for name, value in facts.items())
    shown = "".join(f"\n![{picture.stem}]({picture.name})\n" for picture in pictures)
    path.write_text(f"# Benchmarks, {topic}\n\n{listed}\n\n{table.markdown()}\n{shown}")
    path.with_suffix(".json").write_text(
        json.dumps({"facts": facts, "rows": table.samples,
                    "curves": [each.as_json() for each in table.curves]}, indent=1) + "\n")
    for each in (path, path.with_suffix(".json"), *pictures):
        print(f"written to {each.relative_to(ROOT)}")

"""Memory and start."""

import http.client
import statistics
import sys
import tempfile
import time

from rows.programs import json_of, skepd
from rows.table import verdict

MEMORY = {"memory/100k": 100_000, "memory/1m": 1_000_000}
BYTES_MOST = 1229  # 1.2 KB
NAMES = [*MEMORY, "start"]


def run(*arguments):
    run_memory(*arguments)
    run_start(*arguments)


def run_memory(table, programs, wanted, _quick):
    for name, instances in MEMORY.items():
        if name not in wanted:
            continue
        result = json_of(programs / "skep_memory", "--json", "--instances", instances)
        shown = "1 M" if instances == 1_000_000 else "100 k"
        record, text, lists = (result[key] for key in ("record", "with_json", "with_lists"))
        table.add(f"memory of an instance, {shown}", f"{record['resident']:,} B")
        table.add(f"  with its JSON of {result['answer_bytes']} B", f"{text['resident']:,} B",
                  target=f"<= {BYTES_MOST} B", verdict=verdict(text["resident"] <= BYTES_MOST))
        table.add("  with its family's answer, too", f"{lists['resident']:,} B",
                  target=f"(memos {lists['memos']} B)")


def first_answer_ms(programs, *flags):
    began = time.monotonic()
    with skepd(programs, *flags) as server:
        connection = http.client.HTTPConnection(server.address(), timeout=10)
        connection.request("GET", "/v4/default/registry/version")
        if connection.getresponse().status != 200:
            sys.exit("bench/run: wrong answer: /version")
        return (time.monotonic() - began) * 1e3


def run_start(table, programs, wanted, quick):
    if "start" not in wanted:
        return
    rounds = range(3 if quick else 15)
    times = [first_answer_ms(programs) for _ in rounds]
    ms = statistics.median(times)
    table.sample("start skepd, to its first answer, ms", times, "lower")
    table.add("start skepd, to its first answer", f"{ms:.0f} ms", target="< 50 ms",
              verdict=verdict(ms < 50))
    with tempfile.TemporaryDirectory(dir=programs) as above:
        ms = statistics.median(
            first_answer_ms(programs, "--data", f"{above}/{i}") for i in rounds)
    table.add("  on a new folder", f"{ms:.0f} ms", target="< 50 ms", verdict=verdict(ms < 50))

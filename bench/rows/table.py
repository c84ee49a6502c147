"""The table of all rows."""


class Table:
    """The rows, printed as they come, so that a long run can be followed."""

    COLUMNS = [("row", -52), ("ours", 13), ("floor", 13), ("ratio", 7), ("ours CPU", 10),
               ("floor CPU", 10), ("CPU ratio", 10), ("to reach", -22), ("", -28)]

    def __init__(self):
        self.rows = []
        self.samples = []  # For bench/compare.
        self.curves = []
        self.print([name for name, _ in self.COLUMNS])

    def print(self, cells):
        print(" ".join(f"{cell:<{-width}}" if width < 0 else f"{cell:>{width}}"
                       for cell, (_, width) in zip(cells, self.COLUMNS)).rstrip(), flush=True)

    def add(self, row, ours, floor="", ratio="", cpu="", floor_cpu="", cpu_ratio="", target="",
            verdict=""):
        """A row that begins with spaces belongs to the one above it."""
        cells = [row, ours, floor, ratio, cpu, floor_cpu, cpu_ratio, target, verdict]
        self.rows.append(cells)
        self.print(cells)

    def sample(self, row, values, better="higher"):
        """What each round gave of a row: ratios to the floor, or figures where there is none."""
        self.samples.append({"row": row, "samples": list(values), "better": better})

    def markdown(self):
        names = [name or "verdict" for name, _ in self.COLUMNS]
        rule = ["---" if width < 0 else "--:" for _, width in self.COLUMNS]
        return "\n".join("| " + " | ".join(cells) + " |" for cells in [names, rule, *self.rows])


def verdict(*holds):
    return "ok" if all(holds) else "short"

"""Curves as SVG, by Matplotlib where it is installed."""

import sys

try:
    import matplotlib
    matplotlib.use("svg")
    # The same figures give the same file.
    matplotlib.rcParams["svg.hashsalt"] = "skep"
    from matplotlib import pyplot
except ImportError:
    pyplot = None


class Curves:
    """One picture: named curves over one axis."""

    def __init__(self, name, title, x, y, log_x=False, log_y=False):
        self.name, self.title, self.x, self.y = name, title, x, y
        self.scales = {"xscale": "log" if log_x else "linear",
                       "yscale": "log" if log_y else "linear"}
        self.points = {}

    def add(self, curve, x, y):
        self.points.setdefault(curve, []).append((x, y))

    def as_json(self):
        return {"name": self.name, "title": self.title, "x": self.x, "y": self.y,
                "points": self.points}

    def draw(self, path):
        figure, axes = pyplot.subplots(figsize=(8, 4.5))
        for curve, points in self.points.items():
            axes.plot(*zip(*points), marker="o", label=curve)
        axes.set(title=self.title, xlabel=self.x, ylabel=self.y, **self.scales)
        if self.scales["xscale"] == "linear":
            axes.xaxis.get_major_locator().set_params(integer=True)
        if self.scales["yscale"] == "linear":
            axes.set_ylim(bottom=0)
        axes.grid(True, alpha=0.3)
        axes.legend()
        figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
        pyplot.close(figure)


def draw_all(curves, path_of):
    """Draws each to path_of(its name); returns the paths."""
    if curves and pyplot is None:
        print("bench/run: no plots: python3-matplotlib is not installed", file=sys.stderr)
        return []
    paths = [path_of(each.name) for each in curves]
    for each, path in zip(curves, paths):
        each.draw(path)
    return paths

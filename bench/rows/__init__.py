"""What bench/run measures, a module for each of its parts. Each has NAMES, its rows, and
run(table, programs, wanted, quick), which measures those that are wanted."""

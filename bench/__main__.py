"""`python -m bench` runs the measurements; BENCH_SCALE sets how many events."""

from bench.run import main

main()

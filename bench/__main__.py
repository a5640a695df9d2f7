"""`python -m bench` measures at the scale that BENCH_SCALE names."""

from bench.run import main

if __name__ == "__main__":
    main()

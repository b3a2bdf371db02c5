"""`python -m simulator.cli`: the command without its installed name, as the supervisor starts simulators."""

from simulator.cli import main

if __name__ == "__main__":
    main()

import argparse

from benchmarks.databases import servers
from benchmarks.parts import rate

p = argparse.ArgumentParser()
p.add_argument("--profile", action="store_true")
p.add_argument("--quick", action="store_true")
a = p.parse_args()
with servers() as s:
    for line in rate.profiles(s, 100 if a.quick else 1000):
        print(line, flush=True)

"""Rounds, medians and verdicts: how every benchmark here compares ours with a peer. See README.md for the rules."""
import os
import statistics
import subprocess
import time


def rounds(default):
    return int(os.environ.get("GYRE_BENCH_ROUNDS", default))


def timed(work):
    """Seconds that `work` took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def interleaved(candidates, count):
    """Runs each of {name: work} once a round, in swapped order every other round: {name: [seconds]}."""
    times = {name: [] for name in candidates}
    for number in range(count):
        names = list(candidates) if number % 2 == 0 else list(reversed(candidates))
        for name in names:
            times[name].append(timed(candidates[name]))
    return times


def cpu_ticks():
    with open("/proc/stat") as file:
        return [int(word) for word in file.readline().split()[1:9]]


class Conditions:
    """What else the machine did while we measured."""

    def __init__(self):
        self.before = cpu_ticks()

    def steal(self):
        delta = [after - before for before, after in zip(self.before, cpu_ticks())]
        return delta[7] / max(1, sum(delta))

    def describe(self, directory):
        kind = subprocess.run(["stat", "-f", "-c", "%T", directory], capture_output=True, text=True).stdout.strip()
        return (f"load {os.getloadavg()[0]:.2f}, steal {self.steal():.1%}, {os.cpu_count()} CPUs, "
                f"{directory} on {kind}")


def spread(values):
    """90th percentile over the median."""
    ordered = sorted(values)
    return ordered[int(len(ordered) * 0.9)] / statistics.median(ordered)


def milliseconds(values):
    return f"{statistics.median(values) * 1000:.2f} ms (min {min(values) * 1000:.2f})"


def verdict(ratio, gate, moonshot, doubtful=False):
    if doubtful:
        return "inconclusive, rerun"
    if ratio <= moonshot:
        return "moonshot reached"
    return "pass" if ratio <= gate else "MISSED"


def report(label, ours, peer, gate=None, moonshot=None, conditions=None):
    """One line: the ratio of the medians, the median of the rounds' ratios, the target."""
    ratio = statistics.median(ours) / statistics.median(peer)
    paired = statistics.median([a / b for a, b in zip(ours, peer)])
    line = f"{label}: {ratio:.2f} (by rounds {paired:.2f})"
    if gate is not None:
        doubtful = spread(peer) > 3 or (conditions is not None and conditions.steal() > 0.10)
        line += f"   target <= {gate}, moonshot <= {moonshot}: {verdict(min(ratio, paired), gate, moonshot, doubtful)}"
    print(line, flush=True)
    return ratio


def report_value(label, value, unit, gate, moonshot):
    print(f"{label}: {value:.2f} {unit}   target <= {gate}, moonshot <= {moonshot}: {verdict(value, gate, moonshot)}",
          flush=True)

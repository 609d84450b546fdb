# SPDX-License-Identifier: GPL-2.0-only
"""From ticks to instructions and nanoseconds per operation."""

from statistics import median, quantiles

LOOP_INSTRUCTIONS = 2  # of an empty round of a loop


def ticks_of(fields):
    return [int(value) for value in fields["ticks"].split(",")]


class Calibration:
    """What a stretch and a round of a loop take by themselves, in ticks."""

    def __init__(self, lines):
        pair = lines.operations["calibrate", "pair"]
        loop = lines.operations["calibrate", "loop"]
        self.pair = median(ticks_of(pair)) / int(pair["pairs"])
        self.loop = (median(ticks_of(loop)) - self.pair) / int(loop["loops"])

    def per_unit(self, fields, instruction):
        """Each round's ticks per operation; an extra instruction takes `instruction`."""
        overhead = int(fields["pairs"]) * self.pair + int(fields["loops"]) * self.loop
        units = int(fields["units"])
        extra = int(fields["extra"]) * instruction
        return [(ticks - overhead) / units - extra for ticks in ticks_of(fields)]


def instructions(lines):
    """{(group, name): instructions per operation, or why there are none}"""
    calibration = Calibration(lines)
    calibration.loop = LOOP_INSTRUCTIONS
    return {
        key: fields["absent"] if "absent" in fields else calibration.per_unit(fields, 1)[-1]
        for key, fields in lines.operations.items()
        if key[0] != "calibrate"
    }


def nanoseconds(lines):
    """{(group, name): (median, first and third quartile, rounds)}"""
    calibration = Calibration(lines)
    scale = 1e9 / lines.other["clock"]["hz"]
    result = {}
    for key, fields in lines.operations.items():
        if key[0] == "calibrate" or "absent" in fields:
            continue
        rounds = calibration.per_unit(fields, calibration.loop / LOOP_INSTRUCTIONS)
        rounds = [max(0.0, scale * value) for value in rounds]
        low, middle, high = quantiles(rounds, method="inclusive")
        result[key] = (middle, low, high, len(rounds))
    return result


def differences(first, second):
    """Operations of which two counted runs say different things."""
    return [key for key in first.operations if first.operations[key] != second.operations.get(key)]


def plain(value):
    """A figure as a person writes it."""
    if abs(value) >= 1000 or abs(value - round(value)) < 0.11:
        return f"{value:.0f}"
    return f"{value:.1f}"

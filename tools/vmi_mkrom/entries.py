# SPDX-License-Identifier: GPL-2.0-only
"""The symbols of the calls: VMI_X, and inline.VMI_X of a body that may be copied."""

from vmi_calls import ALIASES

from .linked import SHN_LORESERVE, STB_GLOBAL, STT_FUNC, STT_OBJECT, Fault

ELF_HEADER_END = 0x80


def call_of(name):
    """What call the symbol @name speaks of: "VMI_X", "inline.VMI_X"."""
    for prefix in ("VMI_", "inline.VMI_"):
        if name.startswith(prefix):
            return name[len(prefix):]
    return None


def find(linked, calls, image_size):
    """The global symbols of calls, by address; each is one that a guest can use."""
    known = {call.name for call in calls} | set(ALIASES)
    entries = [s for s in linked.symbols if s.bind == STB_GLOBAL and call_of(s.name)]
    for symbol in entries:
        check_form(linked.path, symbol, known)
        check_place(linked.path, symbol, image_size)
    check_names(linked.path, {s.name: s.value for s in entries})
    return sorted(entries, key=lambda s: (s.value, s.name))


def check_form(path, symbol, known):
    """Refuse a symbol of no call, or with another type or size than its kind has."""
    inlined = symbol.name.startswith("inline.")
    want = STT_OBJECT if inlined else STT_FUNC
    if call_of(symbol.name) not in known:
        raise Fault(f"{path}: symbol {symbol.name}: no such call in the call list")
    if symbol.kind != want:
        kind = "data" if inlined else "function"
        raise Fault(f"{path}: symbol {symbol.name}: type {symbol.kind}, want {want} "
                    f"(in NASM: global {symbol.name}:{kind})")
    if not inlined and symbol.size == 0:
        raise Fault(f"{path}: symbol {symbol.name}: size 0, want the body's size")


def check_place(path, symbol, image_size):
    """Refuse a symbol that is not an offset in the image."""
    end = symbol.value + symbol.size
    if symbol.shndx >= SHN_LORESERVE or symbol.value < ELF_HEADER_END or end > image_size:
        raise Fault(f"{path}: symbol {symbol.name}: {symbol.value:#x} to {end:#x}, "
                    "want it inside the image")


def check_names(path, at):
    """Refuse a body without its call, and an alias that is an entry of its own."""
    for name in at:
        if "VMI_" + call_of(name) not in at:
            raise Fault(f"{path}: symbol {name}, but no VMI_{call_of(name)}")
    for alias, name in ALIASES.items():
        if at.get("VMI_" + alias, at.get("VMI_" + name)) != at.get("VMI_" + name):
            raise Fault(f"{path}: VMI_{alias} is another entry than VMI_{name}, want the same")

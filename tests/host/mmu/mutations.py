#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Mistakes that tests/host/mmu is to find: each is put into a copy of the monitor's
source, and a random run has to fail.  Prints what it said to each.

    mutations.py [--steps N] [--keep] [WORD ...]

takes those whose names have a WORD in them.  --keep makes what found each of them as
short as it can and puts it into tests/host/corpus/mmu, where `make host-tests` repeats it.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
WHERE = ROOT / "build" / "host" / "mutations"
CORPUS = ROOT / "tests" / "host" / "corpus" / "mmu"
FLAGS = (
    "-m32 -std=gnu11 -g -O1 -w -fno-strict-aliasing -ffunction-sections -fdata-sections "
    "-Iinclude -Ihypervisor -Itests/host -DVMI_HOST -DVMI_CHECK -DLOOK_THROUGH=6u -Wl,--gc-sections"
).split()

# name, file below hypervisor/mmu, what is there, what is put in its place
MUTATIONS = [
    ("hint-low-half: the parent's entry is compared by its low half, and the kind not at all (6651fef)", "link.c",
     """return shadow_is_directory(mmu.shadows[directory].kind) &&
	       (entry & (PTE_FRAME | PTE_P | PTE_PS)) == (shadow_physical(table) | PTE_P);""",
     "return (uint32_t)(entry & (PTE_FRAME | PTE_P | PTE_PS)) == (shadow_physical(table) | PTE_P);"),
    ("hint-only: parents beyond the hint are not searched for", "link.c",
     "for (page = 1; s->parents; page++) {", "for (page = 1; 0; page++) {"),
    ("no-count-down: a link that is cut stays counted", "link.c",
     "	mmu.shadows[page].parents--;", ""),
    ("twin-left: the twin keeps an entry that is cut", "link.c",
     """	if (twin)
		shadow_write(&shadow_entries(twin)[index]""",
     """	if (twin && entry)
		shadow_write(&shadow_entries(twin)[index]"""),
    ("space-left: a directory that goes stays in other spaces", "link.c",
     "for (s = mmu.spaces; d->parents; s++) {", "for (s = mmu.spaces; 0; s++) {"),
    ("no-settle: free pages are used while the TLB knows them", "shadowpage.c",
     """	shadowpage_flush_stale();
	page = mmu.free_first;""", "	page = mmu.free_first;"),
    ("never-stale: a page that becomes free is not noted", "shadowpage.c",
     "	to_free(page);\n	mmu.stale = true;\n}\n\nvoid shadowpage_clear", "	to_free(page);\n}\n\nvoid shadowpage_clear"),
    ("all-but-spaces: when all pages go at once, spaces keep them", "shadowpage.c",
     "	link_forget_all();", ""),
    ("all-but-twins: and twins are not zeroed", "shadowpage.c",
     "		if (s->twin)\n			mmu.shadows[s->twin].groups = s->groups;\n		s->parents", "		s->parents"),
    ("too-many: a table with too many parents is freed", "link.c",
     "			return false;", "			return true;"),
    ("no-zeroing: a page is used again with what it had", "shadowpage.c",
     "zero(&shadow_entries(page)[(unsigned)__builtin_ctz(groups) * GROUP], GROUP * 2);", ";"),
    ("evict-current: directories of the current space are evicted", "shadowpage.c",
     "shadow_is_directory(s->kind) ? shadowpage_is_current(mmu.hand) : directories_only", "!shadow_is_directory(s->kind) && directories_only"),
    ("drop-first: of several pages of a frame only the first is dropped", "shadowpage.c",
     "			next = mmu.hash[frame % SHADOW_HASHES];", "			return;"),
    ("volatile-kept: a flush keeps what is volatile", "space.c",
     "	if (mmu.volatile_first)\n		shadowpage_drop_volatile();", ""),
    ("share-all: tables never announced are shared, too", "shadow.c",
     "bool shared = !mmu.shadows[directory].is_volatile && table_announced(t->table);",
     "bool shared = !mmu.shadows[directory].is_volatile;"),
    ("share-wp: directories are shared while CR0.WP is clear", "space.c",
     "(!space_combines_rights() && table_announced(frame))", "table_announced(frame)"),
    ("find-volatile: what is another's alone is shared", "shadowpage.c",
     "s->part == part && !s->is_volatile)", "s->part == part)"),
    ("dirty: a page that is not dirty is writable", "shadow.h",
     "uint32_t low = pte.low & PTE_D ? pte.low : pte.low & ~PTE_W;", "uint32_t low = pte.low;"),
    ("offer-all: neighbours without A are offered", "shadow.h",
     "(pte.low & (PTE_P | PTE_A)) == (PTE_P | PTE_A)", "(pte.low & PTE_P)"),
    ("offer-closed: closed frames are offered", "shadow.h",
     " && !has_reserved(pte, size) &&\n	    frame_is_plain(frame_of(pte)))", " && !has_reserved(pte, size))"),
    ("offer-reserved: entries with reserved bits are offered", "shadow.h",
     " && !has_reserved(pte, size) &&", " &&"),
    ("group-unmarked: a fill does not mark its group", "refill.c",
     "	shadow_mark(s, index % ENTRIES);", ""),
    ("refill-closed: the fast path maps closed frames", "refill.c",
     "	if (!frame_is_plain(frame_of(pte)))\n		return WAY_SLOW;", ""),
    ("refill-stale: a directory never announced is not compared", "refill.c",
     "if (s->is_volatile && !still_says(linear, pde, s->frame))", "if (0)"),
    ("large-over-monitor: a large page is not looked through", "shadow.c",
     "if (!frames_are_plain((uint32_t)(base >> 12), ENTRIES))", "if (0)"),
    ("pair: the two halves of 4 MiB may differ in kind", "shadow.c",
     "maps_large(directory, index ^ 1) != large;", "0;"),
    ("invlpg-half: INVLPG takes one half of 4 MiB", "shadow.c",
     "	if (this_vcpu()->space->mode == SPACE_32)\n		flush_large(directory, index ^ 1);", ""),
    ("invlpg-dropped: INVLPG does nothing where the directory has been dropped", "follow.c",
     "		shadowpage_flush_stale();	/* it has been dropped, perhaps */", ""),
    ("written-part: a written entry is cleared in one half of tables only", "follow.c",
     "if (word / ENTRIES == s->part)", "if (s->part == 0)"),
    ("written-directory: a directory's entry that is written stays", "follow.c",
     "		shadowpage_clear(page, word / 2);", ""),
    ("written-tlb: and the TLB is not told of it", "follow.c",
     "	reload_cr3();", ""),
    ("two-gibs: a directory in a second GiB has what INVLPG did not reach", "space.c",
     "if (directory && shadowpage_is_current(directory))", "if (0)"),
    ("pdptes: changed PDPTEs keep their directories", "space.c",
     "			link_directory(s, gib, 0);\n		}\n	return true;", "		}\n	return true;"),
    ("new-space: a space that becomes another's keeps its directories", "space.c",
     "		link_directory(s, gib, 0);\n		s->guest_pdpte[gib] = 0;", "		s->guest_pdpte[gib] = 0;"),
    ("open-reload: a new directory without a load of CR3", "space.c",
     "	reload_cr3();		/* the processor uses PDPTEs as they were when CR3 was loaded */", ""),
    ("window-closed: windows open on closed frames", "window.c",
     "if (frame_is_monitor(frame) || frame_is_closed(frame))", "if (0)"),
    ("window-claimed: a window stays when its frame is claimed", "frames.c",
     "	close_window(frame);", ""),
    ("window-invlpg: a window without INVLPG", "window.c", "	invlpg((uint32_t)(uintptr_t)at);", ""),
    ("announce-keeps: what is announced keeps its shadows", "pagetype.c",
     "	shadowpage_drop_frame(frame);\n	mmu.announced[frame / 32] |=", "	mmu.announced[frame / 32] |="),
    ("release-keeps: what is released keeps its shadows", "pagetype.c",
     "	shadowpage_drop_frame(frame);\n	mmu.announced[frame / 32] &=", "	mmu.announced[frame / 32] &="),
    ("reserved: a PDE's reserved bits are not checked", "walk.c",
     "	if (entry & reserved_bits(size))\n		goto reserved;\n	if (!set_bits(at, entry, PTE_A))",
     "	if (!set_bits(at, entry, PTE_A))"),
    ("rights: the directory's rights do not count", "walk.c",
     "t->rights = (uint32_t)(entry & t->pde);", "t->rights = (uint32_t)entry;"),
]


def sources(where):
    tests = sorted((ROOT / "tests" / "host" / "mmu").glob("*.c"))
    files = [path for path in tests if path.name != "fuzz_mmu.c"]
    files += sorted((where / "hypervisor" / "mmu").glob("*.c"))
    files += [where / "hypervisor" / name for name in
              ("base/pool.c", "cpu/vcpu.c", "entry/defer.c", "entry/fault.c", "entry/nested.c")]
    return files


def mutate(name, file, old, new):
    """The copy of the source with that mistake."""
    where = WHERE / name
    shutil.rmtree(where, ignore_errors=True)
    shutil.copytree(ROOT / "hypervisor", where / "hypervisor")
    path = where / "hypervisor" / "mmu" / file
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        sys.exit(f"{name}: {file} has {text.count(old)} of\n{old}")
    path.write_text(text.replace(old, new), encoding="utf-8")
    return where


def build(where):
    flags = [flag.replace("-Ihypervisor", f"-I{where}/hypervisor") for flag in FLAGS]
    subprocess.run(["gcc", *flags, "-o", where / "test", *sources(where)], cwd=ROOT, check=True)


def verdict(where, *arguments):
    """What the test says, or None."""
    try:
        done = subprocess.run(
            [where / "test", *arguments], capture_output=True, text=True, timeout=300, check=False,
            env={**os.environ, "MMU_RECORD": str(where / "record")},
        )
    except subprocess.TimeoutExpired:
        return "it does not end"
    if done.returncode == 0:
        return None
    lines = [line for line in done.stderr.splitlines() if not line.startswith(("  ", "the run"))]
    return "; ".join(lines) or f"status {done.returncode}"


def shorten(where, record):
    """Leave parts out, smaller and smaller ones, for as long as the test still fails."""
    trial = where / "trial"
    size = len(record) // 2
    while size >= 4:
        at = 0
        while at < len(record):
            shorter = record[:at] + record[at + size :]
            trial.write_bytes(shorter)
            if verdict(where, str(trial)):
                record = shorter
            else:
                at += size
        size //= 2 if size < 64 else 4
    return record


def keep(where):
    """The last run, if it was recorded: a processor's fault ends it without."""
    record = where / "record"
    if record.exists():
        CORPUS.mkdir(parents=True, exist_ok=True)
        (CORPUS / where.name).write_bytes(shorten(where, record.read_bytes()))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=3000000)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    missed = 0
    for title, file, old, new in MUTATIONS:
        name = title.split(":")[0]
        if options.words and not any(word in name for word in options.words):
            continue
        where = mutate(name, file, old, new)
        build(where)
        said = verdict(where, str(options.steps))
        if said and options.keep:
            keep(where)
        missed += said is None
        print(f"{title} ({file})\n    {said or 'NOT FOUND'}", flush=True)
    print(f"{missed} not found")
    return missed != 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: GPL-2.0-only
#
# Builds the ROM, the monitor in it, the guest library and the guests; runs and
# tests them.  `make help` lists the targets and the variables.  Everything
# that is built lands in build/.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

B := build
comma := ,

# ---------------------------------------------------------------- variables

ifeq ($(origin CC),default)
CC := gcc
endif
LD      := ld
AR      := ar
NASM    := nasm
OBJCOPY := objcopy
OBJDUMP := objdump
QEMU    := qemu-system-i386
# Debian's own, which its python3-pytest belongs to
PYTHON  := /usr/bin/python3
export PYTHONDONTWRITEBYTECODE := 1

ACCEL     ?= tcg
CPUS      ?= 1
MEM       ?= 64
ROM       ?= $(B)/vmi.rom
GUEST     ?= $(B)/demo.elf
PROTECT   ?=
APPEND    ?=
QEMU_ARGS ?=
SOAK      ?= 20

MONITOR_OPT ?= -O2
# Alignment would be all cost; tuned for the i686 itself, functions begin and end in
# more instructions.
MONITOR_TUNE := -mtune=generic $(if $(findstring clang,$(CC)),,-fno-align-functions \
	-fno-align-jumps -fno-align-loops -fno-align-labels)

# 1: assertions that cost something are compiled in (make check-build)
CHECK ?=

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-8s %s\n' $(1) $(2))

# A `make` that a test starts has to build the same, or it rebuilds all.
export CC MONITOR_OPT CHECK

# -------------------------------------------------------------------- flags

WARNINGS := -Wall -Wextra -Werror -Wundef -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wvla

# Neither a vector unit nor a runtime of the host's: nothing below user mode
# has either.
FREESTANDING := -m32 -std=gnu11 -ffreestanding -fno-pic -fno-pie -g \
	-mno-sse -mno-mmx -mno-80387 -fno-stack-protector -fno-common \
	-fno-asynchronous-unwind-tables -fcf-protection=none \
	-fno-strict-aliasing -ffunction-sections -fdata-sections $(WARNINGS)

MONITOR_CALLS  := -mregparm=3
# No vectors on its stack: four bytes are alignment enough.
MONITOR_STACK  := $(if $(findstring clang,$(CC)),-mstack-alignment=4,-mpreferred-stack-boundary=2 -mincoming-stack-boundary=3)
MONITOR_CFLAGS  = $(FREESTANDING) -march=i686 $(MONITOR_OPT) $(MONITOR_TUNE) $(MONITOR_STACK) \
	$(MONITOR_CALLS) -fomit-frame-pointer $(if $(CHECK),-DVMI_CHECK) -Iinclude -Ihypervisor -I$(B)/gen
# -march=i586 also keeps the 0F 1F NOPs out, which a P5 does not know.
GUEST_CFLAGS   := $(FREESTANDING) -march=i586 -O2 -Iinclude -Iguest -Iguest/runtime

NASMFLAGS := -f elf32 -g -F dwarf -Wall -Werror $(if $(CHECK),-DVMI_CHECK) \
	-Iinclude/ -I$(B)/gen/ -Irom/ -Ivmi/ -Ihypervisor/base/ -Iguest/runtime/

LDFLAGS := -m elf_i386 -L linker -static -nostdlib --build-id=none \
	-z noexecstack --no-warn-rwx-segments --fatal-warnings -z max-page-size=4096
LIBGCC   = $$($(CC) -m32 -print-libgcc-file-name)

# ------------------------------------------------------------------ sources

objects = $(foreach s,$(wildcard $(foreach d,$(1),$(d)/*.c $(d)/*.asm $(d)/*.S)),$(B)/$(s).o)

# From the lowest level to the highest (docs/architecture.md).
MONITOR_DIRS := $(addprefix hypervisor/,base model mmu dev cpu emulate start entry)
MONITOR_OBJS := $(filter-out $(B)/hypervisor/start/offsets.c.o,$(call objects,$(MONITOR_DIRS)))
ROM_OBJS     := $(call objects,rom vmi)
LIBVMI_OBJS  := $(call objects,guest)
RUNTIME_OBJS := $(call objects,guest/runtime)
GUEST_TESTS  := $(sort $(notdir $(patsubst %/,%,$(dir $(wildcard tests/guest/*/*.c)))))

IMAGES      := $(B)/vmi.rom $(B)/libvmi.a $(B)/demo.elf $(B)/minimal.elf
TEST_IMAGES := $(GUEST_TESTS:%=$(B)/tests/%.elf)

.PHONY: all check-build run test soak bench bench-readme bench-baseline gdb iso check-rom clean help guest-tests FORCE

all: $(IMAGES)	## build everything but the tests (the default)

guest-tests: $(TEST_IMAGES) $(B)/vmi-paged.rom $(B)/vmi-contained.rom	## build the in-guest tests; docs/testing.md says how to run one

# The assertions check the invariants of the MMU and of every way out: see ASSERT() in
# hypervisor/base/base.h.
check-build:	## build/check/vmi.rom: the ROM with all assertions compiled in
	$(Q)$(MAKE) --no-print-directory B=$(B)/check CHECK=1 $(B)/check/vmi.rom

# -------------------------------------------------------------- compilation

# Everything compiled depends on this file: it is rewritten, and so all is
# rebuilt, when the compiler or its flags change; and it sees to the packages.
TOOLCHAIN := $(CC) | $(MONITOR_CFLAGS) | $(GUEST_CFLAGS) | $(NASMFLAGS) | $(LDFLAGS)
$(B)/toolchain: FORCE
	@tools/setup
	@mkdir -p $(B)
	@echo '$(TOOLCHAIN)' | cmp -s - $@ || echo '$(TOOLCHAIN)' > $@

COMMON := Makefile $(B)/toolchain

define compile
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(1) -MMD -MP -MF $(@:.o=.d) -c -o $@ $<
endef

$(B)/hypervisor/%.c.o: hypervisor/%.c $(COMMON)
	$(call compile,$(MONITOR_CFLAGS))

# libgcc knows no -mregparm, and arith64.c alone calls it.
$(B)/hypervisor/base/arith64.c.o: MONITOR_CALLS :=

$(B)/%.c.o: %.c $(COMMON)
	$(call compile,$(GUEST_CFLAGS))

$(B)/%.S.o: %.S $(COMMON)
	$(call compile,$(GUEST_CFLAGS))

# Guests know the calls; only what belongs to the monitor knows its structures.
# The tests also know where in the hole it lies, by its own base/hole.h.
TEST_OBJS := $(call objects,$(GUEST_TESTS:%=tests/guest/%))
$(filter %.c.o,$(TEST_OBJS)): GUEST_CFLAGS += -Ihypervisor
$(filter %.asm.o,$(MONITOR_OBJS) $(ROM_OBJS) $(TEST_OBJS)): | $(B)/gen/offsets.inc

# Two runs: with -MD, NASM 2.16 leaves included files out.
$(B)/%.asm.o: %.asm $(COMMON) | $(B)/gen/vmi_calls.inc
	$(call say,NASM,$<)
	@mkdir -p $(@D)
	$(Q)$(NASM) $(NASMFLAGS) -I$(<D)/ -M -MP -MQ $@ -MF $(@:.o=.d) $<
	$(Q)$(NASM) $(NASMFLAGS) -I$(<D)/ -l $(@:.o=.lst) -o $@ $<

# ---------------------------------------------- what is generated from lists

PYLIB := $(wildcard tools/*.py)

$(B)/gen/vmi_calls.inc $(B)/gen/reloc_calls.inc &: include/vmi_calls.def tools/gen-calls $(PYLIB) $(COMMON)
	$(call say,GEN,$(B)/gen/vmi_calls.inc)
	@mkdir -p $(@D)
	$(Q)$(PYTHON) tools/gen-calls --nasm $(B)/gen/vmi_calls.inc --reloc $(B)/gen/reloc_calls.inc $<

$(B)/gen/offsets.s: hypervisor/start/offsets.c $(COMMON)
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -g,$(MONITOR_CFLAGS)) -MMD -MP -MF $(B)/gen/offsets.d -S -o $@ $<

$(B)/gen/offsets.inc: $(B)/gen/offsets.s tools/gen-offsets
	$(call say,GEN,$@)
	$(Q)$(PYTHON) tools/gen-offsets $< $@

# ------------------------------------------------------------------- images

# link: $(1) linker script, $(2) objects and libraries.  A map and a listing
# land beside each image.
define link
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(LD) $(LDFLAGS) -T $(1) -Map $(basename $@).map -o $@ $(2)
	$(Q)$(OBJDUMP) -d $@ > $(basename $@).lst
endef

$(B)/monitor.elf: linker/monitor.ld $(MONITOR_OBJS) $(COMMON)
	$(call link,$<,--gc-sections $(MONITOR_OBJS) $(LIBGCC))

$(B)/monitor.bin: $(B)/monitor.elf
	$(Q)$(OBJCOPY) -O binary $< $@

# In LZ4's legacy frame: magic number, length, and one block.
$(B)/monitor.lz4: $(B)/monitor.bin
	$(call say,LZ4,$@)
	$(Q)lz4 -l -12 -f -q $< $@

$(B)/rom.elf: linker/rom.ld $(ROM_OBJS) $(COMMON)
	$(call link,$<,$(ROM_OBJS))

MKROM := tools/mkrom $(wildcard tools/vmi_mkrom/*.py) $(PYLIB)

ROM_PARTS := --elf $(B)/rom.elf --monitor $(B)/monitor.lz4 --calls include/vmi_calls.def

$(B)/vmi.rom: $(B)/rom.elf $(B)/monitor.lz4 include/vmi_calls.def $(MKROM)
	$(Q)$(PYTHON) tools/mkrom $(ROM_PARTS) --output $@ --symbols $(B)/vmi.sym

# For machines without fw_cfg: the same with devices that can be contained.
$(B)/vmi-contained.rom: $(B)/rom.elf $(B)/monitor.lz4 include/vmi_calls.def $(MKROM)
	$(Q)$(PYTHON) tools/mkrom --quiet $(ROM_PARTS) --devices contained --output $@

# For machines without fw_cfg, as Bochs: paged mode whatever the CPU enforces.
$(B)/vmi-paged.rom: $(B)/rom.elf $(B)/monitor.lz4 include/vmi_calls.def $(MKROM)
	$(Q)$(PYTHON) tools/mkrom --quiet $(ROM_PARTS) --protect paged --output $@

define archive
	$(call say,AR,$@)
	@rm -f $@
	$(Q)$(AR) rcsD $@ $(filter %.o,$^)
endef

$(B)/libvmi.a: $(LIBVMI_OBJS) $(COMMON)
	$(archive)

$(B)/libruntime.a: $(RUNTIME_OBJS) $(COMMON)
	$(archive)

GUEST_LIBS := $(B)/libruntime.a $(B)/libvmi.a

# guest_image: $(1) image, $(2) directory of its sources
define guest_image
$(1): linker/guest.ld linker/vmi-sites.ld $(call objects,$(2)) $(GUEST_LIBS) $(COMMON)
	$$(call link,$$<,--gc-sections $(call objects,$(2)) --start-group $(GUEST_LIBS) --end-group $$(LIBGCC))
GUEST_OBJS += $(call objects,$(2))
endef
$(eval $(call guest_image,$(B)/demo.elf,guest/demo))

# The porting example stands without the runtime, as a kernel of one's own would.
MINIMAL_OBJS := $(call objects,guest/minimal)
$(B)/minimal.elf: guest/minimal/minimal.ld linker/vmi-sites.ld $(MINIMAL_OBJS) $(B)/libvmi.a $(COMMON)
	$(call link,$<,$(MINIMAL_OBJS) $(B)/libvmi.a)
GUEST_OBJS += $(MINIMAL_OBJS)

$(eval $(call guest_image,$(B)/bench.elf,tests/bench))

# The benchmark kernel once more, its call sites neither padded nor recorded.
PLAIN_OBJS := $(patsubst $(B)/%,$(B)/plain/%,$(call objects,tests/bench guest/runtime guest))
$(B)/plain/%.c.o: %.c $(COMMON)
	$(call compile,$(GUEST_CFLAGS) -include tests/bench/plain/site.h)
$(B)/plain/%.asm.o: %.asm $(COMMON) | $(B)/gen/vmi_calls.inc
	$(call say,NASM,$<)
	@mkdir -p $(@D)
	$(Q)$(NASM) $(NASMFLAGS) -Itests/bench/plain/ -p site.inc -MD $(@:.o=.d) -MP -o $@ $<
$(B)/bench-plain.elf: linker/guest.ld linker/vmi-sites.ld $(PLAIN_OBJS) $(COMMON)
	$(call link,$<,--gc-sections $(PLAIN_OBJS) $(LIBGCC))
GUEST_OBJS += $(PLAIN_OBJS)

$(foreach t,$(GUEST_TESTS),$(eval $(call guest_image,$(B)/tests/$(t).elf,tests/guest/$(t))))

# ---------------------------------------------------------------------- run

# One package per CPU: 32-bit kernels of the day do not see hyper-threads.
MACHINE := -nodefaults -vga std -display none -no-reboot -m $(MEM) -accel $(ACCEL) \
	-smp $(CPUS),sockets=$(CPUS),cores=1,threads=1 \
	-device isa-debug-exit,iobase=0xf4,iosize=4 \
	-debugcon file:$(B)/run.log -global isa-debugcon.iobase=0xe9 \
	$(if $(ROM),-option-rom $(ROM)) \
	$(if $(PROTECT),-fw_cfg name=opt/vmi/protect$(comma)string=$(PROTECT)) \
	-kernel $(GUEST) $(if $(APPEND),-append '$(APPEND)') $(QEMU_ARGS)

# The guest's serial output goes to the terminal, what ROM and monitor log is
# shown after it.  Status 1 is what QEMU makes of a guest's 0; but QEMU itself
# ends with 1 too when it cannot start, and then nothing was printed.
run: $(GUEST) $(ROM) $(B)/toolchain	## boot GUEST in QEMU, with the ROM (ROM= for none); its log in build/run.log
	@rm -f $(B)/run.log $(B)/run.serial
	$(Q)$(QEMU) -chardev stdio,id=serial,logfile=$(B)/run.serial -serial chardev:serial $(MACHINE); \
	status=$$?; \
	[ ! -s $(B)/run.log ] || sed 's/^/[log] /' $(B)/run.log; \
	if [ $$status -eq 1 ] && [ -s $(B)/run.serial ]; then exit 0; fi; \
	[ $$status -ne 0 ] || hint=': the machine was reset, as by a triple fault'; \
	echo "run: the guest did not report success (QEMU's status $$status, want 1$$hint)" >&2; exit 1

# QEMU speaks gdb's protocol over a pipe: no port to collide on, and it ends
# with gdb.
gdb: $(GUEST) $(ROM) $(B)/toolchain	## the same under gdb, with the symbols of guest, monitor and ROM
	$(Q)sed -e 's|@QEMU@|$(QEMU) -S -gdb stdio -serial file:$(B)/run.serial $(MACHINE)|' \
		-e 's|@GUEST@|$(GUEST)|' \
		-e 's|@SYMBOLS@|$(if $(ROM),add-symbol-file $(B)/rom.elf -o 0xfc000000\nadd-symbol-file $(B)/monitor.elf)|' \
		tools/gdbinit.in > $(B)/gdbinit
	$(Q)gdb -q -nx -x $(B)/gdbinit

iso: $(B)/demo.iso	## build/demo.iso: GUEST on a bootable CD with GRUB

$(B)/demo.iso: $(GUEST) tools/mkiso
	$(call say,ISO,$@)
	$(Q)tools/mkiso $(GUEST) $@ $(APPEND)

check-rom: $(ROM)	## what tools/vmi-info says about ROM
	$(Q)$(PYTHON) tools/vmi-info $(ROM)

# -------------------------------------------------------------------- tests

include tests/host/host.mk
include tests/prove/prove.mk
HOST_PROGRAMS := $(HOST_TESTS:%=$(B)/host/%) $(MMU_PROGRAMS) $(FUZZ:%=$(B)/host/fuzz_%)
$(sort $(HOST_OBJS)): | $(B)/toolchain

# The last line is `N passed, N failed`, whatever became of pytest.
PYTEST = $(PYTHON) -m pytest -p no:cacheprovider -q --tb=short -n 2 --dist loadgroup
define pytest
	@rm -f $(B)/test-summary
	@$(PYTEST) $(1); status=$$?; \
	[ -s $(B)/test-summary ] || echo '0 passed, 1 failed' > $(B)/test-summary; \
	cat $(B)/test-summary; exit $$status
endef

BENCH_IMAGES := $(B)/bench.elf $(B)/bench-plain.elf

test: all check-build guest-tests $(HOST_PROGRAMS) $(B)/demo.iso $(BENCH_IMAGES)	## build everything and run all tests; the last line sums up
	$(call pytest,tests)

soak: all guest-tests mmu-soak	## the in-guest tests SOAK times over, and mmu-soak; stop at the first failure
	$(call pytest,--maxfail 1 --soak $(SOAK) tests/test_guest.py)

# ----------------------------------------------------------------- benchmark

bench: $(B)/vmi.rom $(BENCH_IMAGES)	## what everything costs a guest (ONLY=group for a part); build/bench.json, bench.svg
	$(Q)$(PYTHON) tools/bench $(if $(ONLY),--only $(ONLY))

bench-readme:	## put the headlines of build/bench.json into README.md
	$(Q)$(PYTHON) tools/bench --readme

bench-baseline:	## make build/bench.json the baseline that `make test` guards
	$(Q)$(PYTHON) tools/bench --baseline

# ------------------------------------------------------------- housekeeping

clean:	## remove build/
	$(Q)rm -rf $(B)

help:	## this list
	@awk -F '\t## ' '/^[a-z-]+:.*\t## / { sub(/:.*/, "", $$1); printf "  make %-14s %s\n", $$1, $$2 }' Makefile tests/host/host.mk tests/prove/prove.mk
	@echo
	@echo 'Variables:'
	@echo '  ACCEL=tcg|kvm        what runs the guest (now $(ACCEL))'
	@echo '  CPUS=n               number of CPUs (now $(CPUS))'
	@echo '  MEM=n                memory in MiB, or with a unit (now $(MEM))'
	@echo '  ROM=file             the option ROM, empty for none (now $(ROM))'
	@echo '  GUEST=file           multiboot kernel to boot (now $(GUEST))'
	@echo '  APPEND=words         its command line'
	@echo '  PROTECT=segment|paged|auto   how the monitor shields itself'
	@echo '  QEMU_ARGS=...        more arguments for QEMU'
	@echo '  CC=gcc|clang         compiler (now $(CC))'
	@echo '  ONLY=group           part of make bench: irq ring cpu io time pte space fault macro growth startup idle'
	@echo '  PROOF=name           the one proof of make prove, as bits_descriptor'
	@echo '  SOAK=n               rounds of make soak (now $(SOAK))'
	@echo '  SOAK_STEPS=n         random steps of make mmu-soak (now $(SOAK_STEPS))'
	@echo '  FUZZ_TIME=n          seconds of make fuzz (now $(FUZZ_TIME))'
	@echo '  V=1                  show the commands'

-include $(patsubst %.o,%.d,$(MONITOR_OBJS) $(ROM_OBJS) $(LIBVMI_OBJS) $(RUNTIME_OBJS) $(GUEST_OBJS)) $(B)/gen/offsets.d

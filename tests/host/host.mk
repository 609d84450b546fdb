# SPDX-License-Identifier: GPL-2.0-only
#
# Unit tests that run on the host, with cmocka, ASan and UBSan.  Each test_*.c
# here is a program; a comment among its first lines, `Links: FILE ...`, names
# the sources under test.  They are compiled for the host, 64-bit, since cmocka
# need not be there for i386.

HOST_CC ?= gcc
HOST_CFLAGS := -std=gnu11 -g -O1 -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=all \
	-Wall -Wextra -Werror -Iinclude -Iguest -Ihypervisor -DVMI_HOST
HOST_LDLIBS := -lcmocka

HOST_TESTS := $(sort $(patsubst tests/host/%.c,%,$(wildcard tests/host/test_*.c)))
host_links = $(shell sed -n '1,4s|.*Links: *\(.*[^ ]\) *\*/.*|\1|p' tests/host/$(1).c)
host_objects = $(patsubst %.c,$(B)/host/%.o,tests/host/$(1).c $(call host_links,$(1)))

.PHONY: host-tests
host-tests: $(HOST_TESTS:%=host-run-%) mmu-run	## the unit tests that run on the host

$(B)/host/%.o: %.c Makefile tests/host/host.mk
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_CFLAGS) -MMD -MP -c -o $@ $<

# host_test: $(1) name.  The log is printed whole, so that tests which run side
# by side do not mix; the exit status is the test's.
define host_test
HOST_OBJS_$(1) := $$(call host_objects,$(1))
HOST_OBJS += $$(HOST_OBJS_$(1))

$(B)/host/$(1): $$(HOST_OBJS_$(1))
	$(Q)$(HOST_CC) $(HOST_CFLAGS) -o $$@ $$^ $(HOST_LDLIBS)

.PHONY: host-run-$(1)
host-run-$(1): $(B)/host/$(1)
	@$$< > $$<.log 2>&1; status=$$$$?; cat $$<.log; exit $$$$status
endef
$(foreach t,$(HOST_TESTS),$(eval $(call host_test,$(t))))

# The memory management unit: tests/host/mmu/ and the real files of the monitor, 32-bit,
# in three builds: with sanitizers, as fast as can be, and for libFuzzer.  They need
# what g++-multilib brings for i386, libasan and libstdc++.
MMU_STEPS ?= 1000000
MMU_SEED  ?= 1
SOAK_STEPS ?= 100000000
FUZZ_TIME ?= 600
MMU_CFLAGS := -m32 -std=gnu11 -g -fno-strict-aliasing -ffunction-sections -fdata-sections \
	-Wall -Wextra -Werror -Iinclude -Ihypervisor -Itests/host -DVMI_HOST -DVMI_CHECK -DLOOK_THROUGH=6u
MMU_SANITIZERS := address,undefined -fno-sanitize-recover=all
MMU_LDFLAGS := -Wl,--gc-sections
MMU_SOURCES := $(filter-out %/test_mmu.c %/fuzz_mmu.c,$(wildcard tests/host/mmu/*.c)) \
	$(wildcard hypervisor/mmu/*.c) hypervisor/base/pool.c hypervisor/cpu/vcpu.c \
	hypervisor/entry/defer.c hypervisor/entry/fault.c hypervisor/entry/nested.c
MMU_CORPUS := $(wildcard tests/host/corpus/mmu/*)

# mmu_program: $(1) name, $(2) its main file, $(3) compiler and flags, $(4) of the linker.
# Functions of cpu/vcpu.c that are not used call what is not linked; libFuzzer's tables
# keep them all.
define mmu_program
MMU_OBJS_$(1) := $$(patsubst %.c,$(B)/host/$(1).d/%.o,tests/host/mmu/$(2) $(MMU_SOURCES))
HOST_OBJS += $$(MMU_OBJS_$(1))

$(B)/host/$(1).d/%.o: %.c Makefile tests/host/host.mk
	@mkdir -p $$(@D)
	$(Q)$(3) $(MMU_CFLAGS) -MMD -MP -c -o $$@ $$<

$(B)/host/$(1): $$(MMU_OBJS_$(1))
	$(Q)$(3) $(MMU_CFLAGS) $(MMU_LDFLAGS) $(4) -o $$@ $$^
endef
$(eval $(call mmu_program,test_mmu,test_mmu.c,$(HOST_CC) -O1 -fno-omit-frame-pointer -fsanitize=$(MMU_SANITIZERS)))
$(eval $(call mmu_program,test_mmu_fast,test_mmu.c,$(HOST_CC) -O2))
$(eval $(call mmu_program,fuzz_mmu,fuzz_mmu.c,clang -O1 -fsanitize=fuzzer$(comma)$(MMU_SANITIZERS), \
	-Wl$(comma)--unresolved-symbols=ignore-in-object-files))
MMU_PROGRAMS := $(B)/host/test_mmu $(B)/host/test_mmu_fast

.PHONY: mmu-run mmu-soak fuzz
mmu-run: $(MMU_PROGRAMS)
	$(Q)$(B)/host/test_mmu $(MMU_CORPUS)
	$(Q)$(B)/host/test_mmu $(MMU_STEPS) $(MMU_SEED)
	$(Q)$(B)/host/test_mmu_fast $(MMU_STEPS) $(MMU_SEED)

# Half of the steps for each of two processes; seeds that no other soak has had.
mmu-soak: $(MMU_PROGRAMS)	## SOAK_STEPS random steps of the shadow page tables on the host
	@seed=$$(date +%s)0000000; half=$$(($(SOAK_STEPS) / 2)); \
	MMU_RECORD=$(B)/host/mmu-record.1 $(B)/host/test_mmu_fast $$half $$seed & \
	MMU_RECORD=$(B)/host/mmu-record.2 $(B)/host/test_mmu_fast $$half $${seed}0 && wait $$!

# fuzz_program: $(1) name, $(2) the test that it is made of, $(3) its functions.
define fuzz_program
$(B)/host/fuzz_$(1): tests/host/fuzz.c tests/host/$(2).c tests/host/random.h $$(call host_links,$(2))
	@mkdir -p $$(@D)
	$(Q)clang $$(filter-out -fsanitize=%,$$(HOST_CFLAGS)) -fsanitize=fuzzer,$$(MMU_SANITIZERS) -Wno-unused-function \
		-Itests/host -DFUZZ_TEST='"$(2).c"' -DFUZZ_FUNCTIONS='$(3)' -o $$@ $$< $$(call host_links,$(2)) $(HOST_LDLIBS)
endef
$(eval $(call fuzz_program,decode,test_decode,fuzz))
$(eval $(call fuzz_program,emulate,test_emulate_memory,fuzz))
$(eval $(call fuzz_program,pic,test_pic_random,random_comparison$(comma)any_write))
$(eval $(call fuzz_program,apic,test_apic_random,random_comparison$(comma)any_access))

# What libFuzzer finds lands in build/host/.
FUZZ ?= mmu decode emulate pic apic
fuzz: $(FUZZ:%=$(B)/host/fuzz_%)	## the random host tests, with libFuzzer to choose: FUZZ_TIME seconds for each of FUZZ
	$(Q)set -e; for f in $(FUZZ); do \
		mkdir -p $(B)/host/fuzz/$$f; corpus=tests/host/corpus/$$f; \
		[ -d $$corpus ] || corpus=; \
		$(B)/host/fuzz_$$f -max_total_time=$(FUZZ_TIME) -max_len=8192 -len_control=0 \
			-artifact_prefix=$(B)/host/ $(B)/host/fuzz/$$f $$corpus; \
	done

-include $(sort $(HOST_OBJS:.o=.d))

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
host-tests: $(HOST_TESTS:%=host-run-%)	## the unit tests that run on the host

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

-include $(sort $(HOST_OBJS:.o=.d))

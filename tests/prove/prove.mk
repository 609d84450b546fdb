# SPDX-License-Identifier: GPL-2.0-only
#
# Proofs (docs/proofs.md).  No part of `make test`; what they need is installed when
# they are asked for.

.PHONY: prove
prove:	## prove what docs/proofs.md lists (PROOF=name for one); needs Frama-C, installed if it may be
	@tools/setup packages-prove
	$(Q)$(PYTHON) tests/prove/run --build $(B)/prove $(PROOF)

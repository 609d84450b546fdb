# SPDX-License-Identifier: GPL-2.0-only
"""The in-guest tests: each directory of tests/guest/ in every environment it names."""


def test_guest(guest_case):
    guest_case.run()

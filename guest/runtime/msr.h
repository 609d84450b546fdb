/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Model-specific registers by name (SDM vol. 4, tables 2-2 and 2-20).
 */
#ifndef RUNTIME_MSR_H
#define RUNTIME_MSR_H

#define MSR_TSC			0x010u
#define MSR_APIC_BASE		0x01bu
#define MSR_SYSENTER_CS		0x174u
#define MSR_SYSENTER_ESP	0x175u
#define MSR_SYSENTER_EIP	0x176u
#define MSR_EFER		0xc0000080u

#define APIC_BASE_ENABLE	0x800u
#define EFER_LME		0x100u
#define EFER_NXE		0x800u

#endif

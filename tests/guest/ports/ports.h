/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ring-3 side of the ports test, access_user.asm.
 */
#ifndef PORTS_H
#define PORTS_H

void user_inb(void);
void user_inw(void);
void user_inl(void);
void user_outb(void);
void user_outw(void);
void user_outl(void);
void user_insb(void);
void user_outsb(void);

#endif

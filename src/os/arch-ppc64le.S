/* SPDX-License-Identifier: ISC */
/*
 * The system calls of 64-bit POWER, little-endian (ELFv2): see arch-x86_64.S. An error is told by the summary overflow
 * bit, with a positive errno. A call changes r4 to r12, so run and argument are in r30 and r31. Contracts in calls.h.
 */
	.abiversion 2
	.text

	.globl os_syscall
	.hidden os_syscall
	.type os_syscall, @function
os_syscall:
	.cfi_startproc
	mr 0, 3
	mr 3, 4
	mr 4, 5
	mr 5, 6
	mr 6, 7
	mr 7, 8
	mr 8, 9
	sc
	bnslr
	neg 3, 3
	blr
	.cfi_endproc
	.size os_syscall, .-os_syscall

	.globl os_clone3
	.hidden os_clone3
	.type os_clone3, @function
os_clone3:
	.cfi_startproc
	stdu 1, -48(1)
	.cfi_adjust_cfa_offset 48
	std 30, 32(1)
	.cfi_rel_offset 30, 32
	std 31, 40(1)
	.cfi_rel_offset 31, 40
	mr 30, 5
	mr 31, 6
	li 0, 435
	sc
	bns 1f
	neg 3, 3
1:	cmpdi 3, 0
	beq 2f
	ld 30, 32(1)
	ld 31, 40(1)
	addi 1, 1, 48
	.cfi_remember_state
	.cfi_adjust_cfa_offset -48
	.cfi_restore 30
	.cfi_restore 31
	blr
2:	.cfi_restore_state
	.cfi_undefined lr
	clrrdi 1, 1, 4
	li 0, 0
	stdu 0, -32(1)          /* the frame of a caller that has none: the function called stores its lr in it */
	mr 3, 31
	mr 12, 30
	mtctr 12
	bctrl
	trap
	.cfi_endproc
	.size os_clone3, .-os_clone3

	.globl os_clone
	.hidden os_clone
	.type os_clone, @function
os_clone:
	.cfi_startproc
	stdu 1, -48(1)
	.cfi_adjust_cfa_offset 48
	std 30, 32(1)
	.cfi_rel_offset 30, 32
	std 31, 40(1)
	.cfi_rel_offset 31, 40
	mr 30, 6                /* r6 and r7 would be child_tid and tls, which no flag here asks for */
	mr 31, 7
	li 0, 120
	sc
	bns 1f
	neg 3, 3
1:	cmpdi 3, 0
	beq 2f
	ld 30, 32(1)
	ld 31, 40(1)
	addi 1, 1, 48
	.cfi_remember_state
	.cfi_adjust_cfa_offset -48
	.cfi_restore 30
	.cfi_restore 31
	blr
2:	.cfi_restore_state
	.cfi_undefined lr
	clrrdi 1, 1, 4
	li 0, 0
	stdu 0, -32(1)
	mr 3, 31
	mr 12, 30
	mtctr 12
	bctrl
	trap
	.cfi_endproc
	.size os_clone, .-os_clone

	.section .note.GNU-stack, "", @progbits

/* SPDX-License-Identifier: ISC */
/* The system calls of s390x: see arch-x86_64.S. Contracts in calls.h. */
	.text

	.globl os_syscall
	.hidden os_syscall
	.type os_syscall, @function
os_syscall:
	.cfi_startproc
	stmg %r6, %r7, 48(%r15) /* the caller's frame has room for them */
	.cfi_rel_offset %r6, 48
	.cfi_rel_offset %r7, 56
	lgr %r1, %r2
	lgr %r2, %r3
	lgr %r3, %r4
	lgr %r4, %r5
	lgr %r5, %r6
	lg %r6, 160(%r15)
	lg %r7, 168(%r15)
	svc 0
	lmg %r6, %r7, 48(%r15)
	.cfi_restore %r6
	.cfi_restore %r7
	br %r14
	.cfi_endproc
	.size os_syscall, .-os_syscall

	.globl os_clone3
	.hidden os_clone3
	.type os_clone3, @function
os_clone3:
	.cfi_startproc
	lghi %r1, 435
	svc 0
	ltgr %r2, %r2
	jz 1f
	br %r14
1:	.cfi_undefined %r14
	nill %r15, 0xfff8
	aghi %r15, -160
	xc 0(8, %r15), 0(%r15)
	lgr %r2, %r5
	basr %r14, %r4
	.word 0
	.cfi_endproc
	.size os_clone3, .-os_clone3

	.globl os_clone
	.hidden os_clone
	.type os_clone, @function
os_clone:
	.cfi_startproc
	lgr %r0, %r2            /* on this machine the stack comes before the flags */
	lgr %r2, %r3
	lgr %r3, %r0
	lghi %r1, 120           /* r5 (run) and r6 (argument) would be child_tid and tls, which no flag here asks for */
	svc 0
	ltgr %r2, %r2
	jz 1f
	br %r14
1:	.cfi_undefined %r14
	nill %r15, 0xfff8
	aghi %r15, -160
	xc 0(8, %r15), 0(%r15)
	lgr %r2, %r6
	basr %r14, %r5
	.word 0
	.cfi_endproc
	.size os_clone, .-os_clone

	.section .note.GNU-stack, "", @progbits

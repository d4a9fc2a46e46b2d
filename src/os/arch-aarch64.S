/* SPDX-License-Identifier: ISC */
/* The system calls of AArch64: see arch-x86_64.S. Contracts in calls.h. */
	.text

	.globl os_syscall
	.hidden os_syscall
	.type os_syscall, %function
os_syscall:
	.cfi_startproc
	mov x8, x0
	mov x0, x1
	mov x1, x2
	mov x2, x3
	mov x3, x4
	mov x4, x5
	mov x5, x6
	svc 0
	ret
	.cfi_endproc
	.size os_syscall, .-os_syscall

	.globl os_clone3
	.hidden os_clone3
	.type os_clone3, %function
os_clone3:
	.cfi_startproc
	mov x8, #435
	svc 0
	cbz x0, 1f
	ret
1:	.cfi_undefined x30
	mov x29, #0
	mov x0, x3
	blr x2
	brk #1
	.cfi_endproc
	.size os_clone3, .-os_clone3

	.globl os_clone
	.hidden os_clone
	.type os_clone, %function
os_clone:
	.cfi_startproc
	mov x8, #220            /* x3 (run) and x4 (argument) would be tls and child_tid, which no flag here asks for */
	svc 0
	cbz x0, 1f
	ret
1:	.cfi_undefined x30
	mov x29, #0
	mov x0, x4
	blr x3
	brk #1
	.cfi_endproc
	.size os_clone, .-os_clone

	.section .note.GNU-stack, "", %progbits

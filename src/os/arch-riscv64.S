/* SPDX-License-Identifier: ISC */
/* The system calls of 64-bit RISC-V: see arch-x86_64.S. Contracts in calls.h. */
	.text

	.globl os_syscall
	.hidden os_syscall
	.type os_syscall, @function
os_syscall:
	.cfi_startproc
	mv a7, a0
	mv a0, a1
	mv a1, a2
	mv a2, a3
	mv a3, a4
	mv a4, a5
	mv a5, a6
	ecall
	ret
	.cfi_endproc
	.size os_syscall, .-os_syscall

	.globl os_clone3
	.hidden os_clone3
	.type os_clone3, @function
os_clone3:
	.cfi_startproc
	li a7, 435
	ecall
	beqz a0, 1f
	ret
1:	.cfi_undefined ra
	li s0, 0
	andi sp, sp, -16
	mv a0, a3
	jalr a2
	ebreak
	.cfi_endproc
	.size os_clone3, .-os_clone3

	.globl os_clone
	.hidden os_clone
	.type os_clone, @function
os_clone:
	.cfi_startproc
	li a7, 220              /* a3 (run) and a4 (argument) would be tls and child_tid, which no flag here asks for */
	ecall
	beqz a0, 1f
	ret
1:	.cfi_undefined ra
	li s0, 0
	andi sp, sp, -16
	mv a0, a4
	jalr a3
	ebreak
	.cfi_endproc
	.size os_clone, .-os_clone

	.section .note.GNU-stack, "", @progbits

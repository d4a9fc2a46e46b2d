/* SPDX-License-Identifier: ISC */
/* Where the keeper begins: see start-x86_64.S. */
	.text

	.globl _start
	.type _start, @function
_start:
	.option push
	.option norelax         /* the linker shortens addresses by gp, which is not set before this line */
	la gp, __global_pointer$
	.option pop
	li s0, 0
	li ra, 0
	ld a0, 0(sp)
	addi a1, sp, 8
	andi sp, sp, -16
	call keeper_begin
	ebreak
	.size _start, .-_start

	.section .note.GNU-stack, "", @progbits

/* SPDX-License-Identifier: ISC */
/* Where the keeper begins: see start-x86_64.S. */
	.syntax unified
	.text
	.arm

	.globl _start
	.type _start, %function
_start:
	mov r11, #0
	mov lr, #0
	ldr r0, [sp]
	add r1, sp, #4
	bic sp, sp, #7
	bl keeper_begin
	udf #0
	.size _start, .-_start

	.section .note.GNU-stack, "", %progbits

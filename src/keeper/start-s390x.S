/* SPDX-License-Identifier: ISC */
/* Where the keeper begins: see start-x86_64.S. */
	.text

	.globl _start
	.type _start, @function
_start:
	lghi %r11, 0
	lg %r2, 0(%r15)
	la %r3, 8(%r15)
	aghi %r15, -160
	xc 0(8, %r15), 0(%r15)
	brasl %r14, keeper_begin
	.word 0
	.size _start, .-_start

	.section .note.GNU-stack, "", @progbits

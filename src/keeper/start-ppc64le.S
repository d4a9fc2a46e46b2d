/* SPDX-License-Identifier: ISC */
/* Where the keeper begins: see start-x86_64.S. */
	.abiversion 2
	.text

	.globl _start
	.type _start, @function
_start:
	bcl 20, 31, 1f
1:	mflr 2
	addis 2, 2, .TOC.-1b@ha
	addi 2, 2, .TOC.-1b@l
	ld 3, 0(1)
	addi 4, 1, 8
	clrrdi 1, 1, 4
	li 0, 0
	mtlr 0
	stdu 0, -32(1)
	bl keeper_begin
	nop
	trap
	.size _start, .-_start

	.section .note.GNU-stack, "", @progbits

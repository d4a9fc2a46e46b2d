/* SPDX-License-Identifier: ISC */
/* Where the keeper begins: see start-x86_64.S. */
	.text

	.globl _start
	.type _start, @function
_start:
	xor %ebp, %ebp
	mov (%esp), %eax
	lea 4(%esp), %edx
	and $-16, %esp
	sub $8, %esp
	push %edx
	push %eax
	call keeper_begin
	ud2
	.size _start, .-_start

	.section .note.GNU-stack, "", @progbits

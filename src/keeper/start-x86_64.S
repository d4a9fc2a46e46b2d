/* SPDX-License-Identifier: ISC */
/* The keeper's entry: the kernel puts the number of arguments, and then the arguments, on the stack. */
	.text

	.globl _start
	.type _start, @function
_start:
	xor %ebp, %ebp
	mov (%rsp), %edi
	lea 8(%rsp), %rsi
	and $-16, %rsp
	call keeper_begin
	ud2
	.size _start, .-_start

	.section .note.GNU-stack, "", @progbits

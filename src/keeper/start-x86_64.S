/* SPDX-License-Identifier: ISC */
/* Where the keeper begins: the kernel leaves the number of its arguments, and then them, on the stack. */
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

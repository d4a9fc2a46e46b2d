/* SPDX-License-Identifier: ISC */
/*
 * The system calls of x86-64, without libc: no errno, no cancellation point, no lock, and a child that starts
 * on a stack of its own in the memory of its parent. Contracts in calls.h.
 */
	.text

	.globl os_syscall
	.hidden os_syscall
	.type os_syscall, @function
os_syscall:
	.cfi_startproc
	mov %rdi, %rax
	mov %rsi, %rdi
	mov %rdx, %rsi
	mov %rcx, %rdx
	mov %r8, %r10
	mov %r9, %r8
	mov 8(%rsp), %r9
	syscall
	ret
	.cfi_endproc
	.size os_syscall, .-os_syscall

/* long os_clone3(struct os_clone_args *args, size_t size, void (*run)(void *), void *argument) */
	.globl os_clone3
	.hidden os_clone3
	.type os_clone3, @function
os_clone3:
	.cfi_startproc
	mov %rdx, %r8
	mov %rcx, %r9
	mov $435, %eax
	syscall
	test %rax, %rax
	jz 1f
	ret
1:	.cfi_undefined rip
	xor %ebp, %ebp
	and $-16, %rsp          /* as a function expects it, also where this is a copy of the parent's stack */
	mov %r9, %rdi
	call *%r8
	ud2
	.cfi_endproc
	.size os_clone3, .-os_clone3

/* long os_clone(unsigned long flags, void *stack_top, int *pidfd, void (*run)(void *), void *argument) */
	.globl os_clone
	.hidden os_clone
	.type os_clone, @function
os_clone:
	.cfi_startproc
	mov %rcx, %r9
	mov $56, %eax
	syscall                 /* r10 and r8 (argument) would be child_tid and tls, which no flag here asks for */
	test %rax, %rax
	jz 1f
	ret
1:	.cfi_undefined rip
	xor %ebp, %ebp
	and $-16, %rsp
	mov %r8, %rdi
	call *%r9
	ud2
	.cfi_endproc
	.size os_clone, .-os_clone

	.section .note.GNU-stack, "", @progbits

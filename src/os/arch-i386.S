/* SPDX-License-Identifier: ISC */
/* The system calls of i386: see arch-x86_64.S. Contracts in calls.h. */
	.text

	.globl os_syscall
	.hidden os_syscall
	.type os_syscall, @function
os_syscall:
	.cfi_startproc
	push %ebx
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %ebx, 0
	push %esi
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %esi, 0
	push %edi
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %edi, 0
	push %ebp
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %ebp, 0
	mov 20(%esp), %eax
	mov 24(%esp), %ebx
	mov 28(%esp), %ecx
	mov 32(%esp), %edx
	mov 36(%esp), %esi
	mov 40(%esp), %edi
	mov 44(%esp), %ebp
	int $0x80
	pop %ebp
	.cfi_adjust_cfa_offset -4
	.cfi_restore %ebp
	pop %edi
	.cfi_adjust_cfa_offset -4
	.cfi_restore %edi
	pop %esi
	.cfi_adjust_cfa_offset -4
	.cfi_restore %esi
	pop %ebx
	.cfi_adjust_cfa_offset -4
	.cfi_restore %ebx
	ret
	.cfi_endproc
	.size os_syscall, .-os_syscall

	.globl os_clone3
	.hidden os_clone3
	.type os_clone3, @function
os_clone3:
	.cfi_startproc
	push %ebx
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %ebx, 0
	push %esi
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %esi, 0
	push %edi
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %edi, 0
	mov $435, %eax
	mov 16(%esp), %ebx
	mov 20(%esp), %ecx
	mov 24(%esp), %esi
	mov 28(%esp), %edi
	int $0x80
	test %eax, %eax
	jz 1f
	pop %edi
	.cfi_adjust_cfa_offset -4
	.cfi_restore %edi
	pop %esi
	.cfi_adjust_cfa_offset -4
	.cfi_restore %esi
	pop %ebx
	.cfi_adjust_cfa_offset -4
	.cfi_restore %ebx
	ret
1:	.cfi_undefined eip
	xor %ebp, %ebp
	and $-16, %esp
	sub $12, %esp           /* so that the stack is aligned at the call */
	push %edi
	call *%esi
	ud2
	.cfi_endproc
	.size os_clone3, .-os_clone3

	.globl os_clone
	.hidden os_clone
	.type os_clone, @function
os_clone:
	.cfi_startproc
	push %ebx
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %ebx, 0
	push %esi
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %esi, 0
	push %edi
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %edi, 0
	mov $120, %eax
	mov 16(%esp), %ebx
	mov 20(%esp), %ecx
	mov 24(%esp), %edx
	mov 28(%esp), %esi      /* esi and edi would be tls and child_tid, which no flag here asks for */
	mov 32(%esp), %edi
	int $0x80
	test %eax, %eax
	jz 1f
	pop %edi
	.cfi_adjust_cfa_offset -4
	.cfi_restore %edi
	pop %esi
	.cfi_adjust_cfa_offset -4
	.cfi_restore %esi
	pop %ebx
	.cfi_adjust_cfa_offset -4
	.cfi_restore %ebx
	ret
1:	.cfi_undefined eip
	xor %ebp, %ebp
	and $-16, %esp
	sub $12, %esp
	push %edi
	call *%esi
	ud2
	.cfi_endproc
	.size os_clone, .-os_clone

	.section .note.GNU-stack, "", @progbits

/* SPDX-License-Identifier: ISC */
/* The system calls of 32-bit ARM, EABI: see arch-x86_64.S. Contracts in calls.h. */
	.syntax unified
	.text
	.arm

	.globl os_syscall
	.hidden os_syscall
	.type os_syscall, %function
os_syscall:
	push {r4, r5, r7, lr}
	mov r7, r0
	mov r0, r1
	mov r1, r2
	mov r2, r3
	ldr r3, [sp, #16]
	ldr r4, [sp, #20]
	ldr r5, [sp, #24]
	svc #0
	pop {r4, r5, r7, pc}
	.size os_syscall, .-os_syscall

	.globl os_clone3
	.hidden os_clone3
	.type os_clone3, %function
os_clone3:
	push {r4, r5, r7, lr}
	mov r4, r2
	mov r5, r3
	ldr r7, =435
	svc #0
	cmp r0, #0
	beq 1f
	pop {r4, r5, r7, pc}
1:	mov r11, #0
	mov lr, #0
	bic sp, sp, #7
	mov r0, r5
	blx r4
	udf #0
	.ltorg
	.size os_clone3, .-os_clone3

	.globl os_clone
	.hidden os_clone
	.type os_clone, %function
os_clone:
	push {r4, r5, r7, lr}
	mov r4, r3              /* r3 and r4 (run) would be tls and child_tid, which no flag here asks for */
	ldr r5, [sp, #16]
	mov r7, #120
	svc #0
	cmp r0, #0
	beq 1f
	pop {r4, r5, r7, pc}
1:	mov r11, #0
	mov lr, #0
	bic sp, sp, #7
	mov r0, r5
	blx r4
	udf #0
	.size os_clone, .-os_clone

	.section .note.GNU-stack, "", %progbits

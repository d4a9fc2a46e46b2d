/* SPDX-License-Identifier: ISC */
/* Where the keeper begins on a machine whose system calls go through libc (os/arch-generic.c): it is larger there. */
void keeper_begin(int argument_count);

int main(int argc, char **argv) {
	(void)argv;
	keeper_begin(argc);
}

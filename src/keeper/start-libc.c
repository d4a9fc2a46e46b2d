/* SPDX-License-Identifier: ISC */
/* The keeper's entry on a machine whose system calls go through libc (os/arch-generic.c); it is larger there. */
void keeper_begin(int argc, char **argv);

int main(int argc, char **argv) {
	keeper_begin(argc, argv);
}

/* SPDX-License-Identifier: ISC */
#ifndef OS_KEEPER_FILE_H
#define OS_KEEPER_FILE_H

#include <stddef.h>

/* The keeper's program, which the build makes from src/keeper. */
extern const unsigned char keeper_image[];
extern const size_t keeper_image_size;

#endif

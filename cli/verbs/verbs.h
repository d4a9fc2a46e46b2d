/* SPDX-License-Identifier: ISC */
/* The verbs, a file each. argv[0] is the verb; each returns hold's exit status. */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#define VERB(name, summary) int verb_##name##_main(int argc, char **argv);
#include "verbs.def"
#undef VERB

#endif

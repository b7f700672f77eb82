/* The sixteen limits of setrlimit(2), by the names prlimit(1) has for them. */
#ifndef GODWIT_LIMITS_NAMES_H
#define GODWIT_LIMITS_NAMES_H
enum { LIMIT_COUNT = 16 };
/* At its RLIMIT_ number, which is the kernel's and the same on every machine of one kind. */
extern const char *const limit_names[LIMIT_COUNT];
#endif

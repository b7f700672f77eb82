#include "deputy.h"

#include <libgen.h>
#include <string.h>
#include <sys/prctl.h>

static const char *own_name = "godwit-deputy";

/* godwit-deputy run [--door=PATH] [--NAME[=VALUE]]... -- COMMAND... */
static int read_run(char **argv, struct options *options) {
	char **at = argv;
	for (; *at != NULL && strncmp(*at, "--", 2) == 0; at++) {
		if (strcmp(*at, "--") == 0) {
			at++;
			break;
		}
		if (strncmp(*at, "--door=", 7) == 0) options->door = *at + 7;
		else if (options->pair_count < sizeof options->pairs / sizeof *options->pairs)
			options->pairs[options->pair_count++] = *at + 2;
		if (strcmp(*at, "--detach") == 0 || strcmp(*at, "--detach=1") == 0) options->detach = true;
	}
	options->command = at;
	return *at == NULL ? 2 : 0;
}

int read_options(int argc, char **argv, struct options *options) {
	*options = (struct options){0};
	if (argc < 1) return 2;
	const char *slash = strrchr(argv[0], '/');
	const char *called = slash == NULL ? argv[0] : slash + 1;
	/* A login shell's argv[0] begins with a dash. */
	if (*called == '-') called++;
	if (strcmp(called, own_name) != 0) {
		options->shim = true;
		options->command = argv;
		return 0;
	}
	if (argc < 3 || strcmp(argv[1], "run") != 0) {
		complain("usage: %s run [--NAME=VALUE]... -- COMMAND [ARGUMENT]...", own_name);
		return 2;
	}
	int problem = read_run(argv + 2, options);
	if (problem != 0) complain("no command given; usage: %s run [--NAME=VALUE]... -- COMMAND", own_name);
	return problem;
}

/* The arguments lie in one piece (proc_pid_cmdline(5)), so the command is moved over ours. */
void look_like(char **argv, char **command) {
	char *last = command[0];
	for (char **at = command; *at != NULL; at++) last = *at + strlen(*at) + 1;
	char *from = command[0], *to = argv[0];
	size_t size = (size_t)(last - from);
	if (from > to) {
		for (char **at = command; *at != NULL; at++) *at -= from - to;
		memmove(to, from, size);
		memset(to + size, 0, (size_t)(from - to));
	}
	const char *slash = strrchr(command[0], '/');
	prctl(PR_SET_NAME, slash == NULL ? command[0] : slash + 1);
}

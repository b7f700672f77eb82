#include "deputy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A shim is whatever leads back to this very file, however its folder is called. */
static bool is_shim(const struct stat *status) {
	struct stat own;
	return stat("/proc/self/exe", &own) == 0 && own.st_dev == status->st_dev && own.st_ino == status->st_ino;
}

static int try_program(const char *path) {
	struct stat status;
	if (stat(path, &status) != 0) return errno == EACCES ? EACCES : ENOENT;
	if (is_shim(&status)) return ENOENT;
	if (!S_ISREG(status.st_mode)) return EACCES;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 ? 0 : EACCES;
}

/* exec(3): an empty element of PATH is the current folder; EACCES is remembered, and the search goes on. */
static int search_path(const char *name, char *path) {
	const char *folders = getenv("PATH");
	int result = ENOENT;
	for (const char *at = folders == NULL ? "/bin:/usr/bin" : folders;; at++) {
		size_t size = strcspn(at, ":");
		int length = snprintf(path, PATH_MAX, "%.*s%s%s", (int)size, at, size == 0 ? "" : "/", name);
		int tried = length < PATH_MAX ? try_program(path) : ENOENT;
		if (tried == 0) return 0;
		if (tried == EACCES) result = EACCES;
		at += size;
		if (*at == '\0') return result;
	}
}

int resolve_program(const char *name, char *path) {
	if (*name == '-') name++;
	const char *slash = strrchr(name, '/');
	if (slash == NULL) return *name == '\0' ? ENOENT : search_path(name, path);
	snprintf(path, PATH_MAX, "%s", name);
	struct stat status;
	/* A shim called by its path, as by $JAVA_HOME/bin/java: the program of that name, then. */
	if (stat(path, &status) == 0 && is_shim(&status)) return search_path(slash + 1, path);
	return try_program(path);
}

void become_program(const char *path, char **command, const sigset_t *mask) {
	sigprocmask(SIG_SETMASK, mask, NULL);
	execve(path, command, environ);
	if (errno != ENOEXEC) return;
	/* A script without #!, as execvp(3) does it. */
	size_t count = 0;
	while (command[count] != NULL) count++;
	char **with_shell = calloc(count + 2, sizeof *with_shell);
	if (with_shell == NULL) return;
	with_shell[0] = "sh";
	with_shell[1] = (char *)path;
	memcpy(with_shell + 2, command + 1, count * sizeof *command);
	execve("/bin/sh", with_shell, environ);
}

#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define CGROUP2_MAGIC 0x63677270 /* statfs(2), CGROUP2_SUPER_MAGIC */

static void lack(struct cgroup *cgroup, const char *what) {
	size_t used = strlen(cgroup->lacking);
	snprintf(cgroup->lacking + used, sizeof cgroup->lacking - used, "%s%s", used == 0 ? "" : ", ", what);
}

static bool write_file(const struct cgroup *cgroup, const char *name, const char *text) {
	int fd = openat(cgroup->fd, name, O_WRONLY | O_CLOEXEC);
	if (fd < 0) return false;
	bool done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return done;
}

/* Without its controller there is no such file, and no other of its. */
static bool write_limit(const struct cgroup *cgroup, const char *name, const char *text, bool *missing) {
	bool done = write_file(cgroup, name, text);
	*missing = !done && errno == ENOENT;
	return done;
}

/* Limits that the kernel does not take here are no reason to run nothing: `started` says which are missing. */
static void write_limits(struct cgroup *cgroup, const struct launch *launch) {
	if (launch->memory_max != NULL && !write_limit(cgroup, "memory.max", launch->memory_max, &cgroup->no_memory))
		lack(cgroup, "no memory limit");
	/* A JVM that lost one thread to the OOM killer is worse than one that is gone: all or nothing (cgroups(7)). */
	if (launch->memory_max != NULL && !cgroup->no_memory) write_file(cgroup, "memory.oom.group", "1");
	if (launch->cpu_weight != NULL && !write_file(cgroup, "cpu.weight", launch->cpu_weight)) lack(cgroup, "no cpu weight");
	if (launch->pids_max != NULL && !write_limit(cgroup, "pids.max", launch->pids_max, &cgroup->no_pids))
		lack(cgroup, "no process limit");
}

void make_cgroup(struct cgroup *cgroup, const struct launch *launch) {
	struct statfs kind;
	*cgroup = (struct cgroup){.fd = -1};
	if (launch->cgroup == NULL || *launch->cgroup == '\0') return lack(cgroup, "no cgroup");
	snprintf(cgroup->path, sizeof cgroup->path, "%s", launch->cgroup);
	if (mkdir(cgroup->path, 0755) == 0) cgroup->fd = open(cgroup->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroup->fd >= 0 && fstatfs(cgroup->fd, &kind) == 0 && kind.f_type == CGROUP2_MAGIC) {
		write_limits(cgroup, launch);
		return;
	}
	if (cgroup->fd >= 0) {
		close(cgroup->fd);
		rmdir(cgroup->path);
	}
	cgroup->fd = -1;
	cgroup->path[0] = '\0';
	lack(cgroup, "no cgroup v2");
}

void kill_cgroup(const struct cgroup *cgroup) {
	/* Linux 5.14; also catches what is just forking. */
	if (cgroup->fd >= 0) write_file(cgroup, "cgroup.kill", "1");
}

void remove_cgroup(const struct cgroup *cgroup) {
	if (cgroup->path[0] == '\0') return;
	/* A killed process leaves its cgroup a moment after it could be waited for. */
	for (int tries = 0; rmdir(cgroup->path) != 0 && errno == EBUSY && tries < 200; tries++) usleep(5000);
}

long long cgroup_number(const struct cgroup *cgroup, const char *file, const char *key) {
	char text[2048];
	int fd = cgroup->fd < 0 ? -1 : openat(cgroup->fd, file, O_RDONLY | O_CLOEXEC);
	if (fd < 0) return -1;
	ssize_t size = read(fd, text, sizeof text - 1);
	close(fd);
	if (size <= 0) return -1;
	text[size] = '\0';
	if (key == NULL) return atoll(text);
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		size_t length = strlen(key);
		if (strncmp(line, key, length) == 0 && line[length] == ' ') return atoll(line + length + 1);
	}
	return -1;
}

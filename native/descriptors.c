#include "deputy.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define KCMP_FILE 0 /* linux/kcmp.h; musl brings no kernel headers */

bool file_path(int fd, char *path, struct stat *status) {
	char link[32];
	struct stat named;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t size = readlink(link, path, PATH_MAX - 1);
	if (size <= 0 || path[0] != '/' || fstat(fd, status) != 0) return false;
	path[size] = '\0';
	return stat(path, &named) == 0 && named.st_dev == status->st_dev && named.st_ino == status->st_ino;
}

/* /dev/null, zero, full, random and urandom: the same on every node. */
static bool is_plain_device(const struct stat *status) {
	if (!S_ISCHR(status->st_mode) || major(status->st_rdev) != 1) return false;
	unsigned number = minor(status->st_rdev);
	return number == 3 || number == 5 || number == 7 || number == 8 || number == 9;
}

static enum kind kind_of(int fd) {
	struct stat status;
	char path[PATH_MAX];
	if (fcntl(fd, F_GETFD) < 0) return KIND_CLOSED;
	if (isatty(fd)) return KIND_TTY;
	if (fstat(fd, &status) != 0) return KIND_PIPE;
	if (S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3)) return KIND_NULL;
	if ((S_ISREG(status.st_mode) || is_plain_device(&status)) && file_path(fd, path, &status)) return KIND_FILE;
	return KIND_PIPE;
}

/* Two ends of one pipe are the same to whoever writes; two opened files only when they share their offset. */
static bool same(int a, int b, enum kind kind) {
	struct stat one, other;
	if (fstat(a, &one) != 0 || fstat(b, &other) != 0) return false;
	if (one.st_dev != other.st_dev || one.st_ino != other.st_ino) return false;
	if (kind == KIND_PIPE && !S_ISREG(one.st_mode)) return true;
	return syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILE, a, b) == 0;
}

void look_at_descriptors(struct descriptors *them) {
	for (int fd = 0; fd < 3; fd++) {
		them->kind[fd] = kind_of(fd);
		them->same_as[fd] = -1;
		if (them->kind[fd] != KIND_PIPE && them->kind[fd] != KIND_FILE) continue;
		/* A pipe at 0 is its other end; only a file may be both input and output. */
		for (int lower = them->kind[fd] == KIND_PIPE ? 1 : 0; lower < fd; lower++)
			if (them->kind[lower] == them->kind[fd] && them->same_as[fd] < 0 && same(lower, fd, them->kind[fd]))
				them->same_as[fd] = lower;
	}
}

void detach_descriptors(struct descriptors *them) {
	*them = (struct descriptors){.kind = {KIND_NULL, KIND_PIPE, KIND_PIPE}, .same_as = {-1, -1, -1}};
}

static bool is_inherited(int fd) {
	int flags = fd <= 2 ? -1 : fcntl(fd, F_GETFD);
	return flags >= 0 && (flags & FD_CLOEXEC) == 0;
}

/* Not by readdir(3), which would get memory from the kernel first: that takes longer than all that is asked here. */
bool each_inherited(bool (*visit)(int fd, void *with), void *with) {
	_Alignas(struct dirent) char entries[1024];
	int folder = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC), size = 0;
	bool go_on = folder >= 0;
	while (go_on && (size = getdents(folder, (struct dirent *)entries, sizeof entries)) > 0)
		for (int at = 0; go_on && at < size;) {
			const struct dirent *entry = (const struct dirent *)(entries + at);
			int fd = atoi(entry->d_name);
			if (is_inherited(fd)) go_on = visit(fd, with);
			at += entry->d_reclen;
		}
	if (folder >= 0) close(folder);
	return go_on;
}

static bool is_carried(int fd, void *with) {
	struct stat status;
	char path[PATH_MAX];
	if (file_path(fd, path, &status) &&
	    (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) || is_plain_device(&status)))
		return true;
	*(int *)with = fd;
	return false;
}

int uncarried_descriptor(void) {
	int found = -1;
	each_inherited(is_carried, &found);
	return found;
}

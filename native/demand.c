#include "keeper.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MOST_DEPTH = 16, MOST_POLLED = 256 };

/* What is waited for: a pipe by its inode, or a terminal, which /dev/tty (5:0) also leads to. */
struct target {
	bool terminal;
	dev_t device;
	ino_t inode;
};

static bool leads_to(const struct target *target, pid_t pid, unsigned long fd) {
	char path[64];
	struct stat status;
	snprintf(path, sizeof path, "/proc/%d/fd/%lu", pid, fd);
	if (stat(path, &status) != 0) return false;
	if (target->terminal)
		return S_ISCHR(status.st_mode) && (status.st_rdev == target->device || status.st_rdev == makedev(5, 0));
	return S_ISFIFO(status.st_mode) && status.st_dev == target->device && status.st_ino == target->inode;
}

static bool copy_from(pid_t pid, unsigned long address, void *to, size_t size) {
	struct iovec here = {to, size}, there = {(void *)address, size};
	return process_vm_readv(pid, &here, 1, &there, 1, 0) == (ssize_t)size;
}

static bool polls(const struct target *target, pid_t pid, unsigned long address, unsigned long count) {
	struct pollfd fds[MOST_POLLED];
	if (count > MOST_POLLED || !copy_from(pid, address, fds, count * sizeof *fds)) return false;
	for (unsigned long i = 0; i < count; i++)
		if (fds[i].fd >= 0 && (fds[i].events & POLLIN) != 0 && leads_to(target, pid, (unsigned long)fds[i].fd)) return true;
	return false;
}

static bool selects(const struct target *target, pid_t pid, unsigned long count, unsigned long address) {
	unsigned char bits[FD_SETSIZE / 8];
	size_t size = ((size_t)count + 7) / 8;
	if (count > FD_SETSIZE || !copy_from(pid, address, bits, size)) return false;
	for (unsigned long fd = 0; fd < count; fd++)
		if ((bits[fd / 8] & 1 << fd % 8) != 0 && leads_to(target, pid, fd)) return true;
	return false;
}

/* proc_pid_fdinfo(5): one line `tfd: FD events: ...` for each watched descriptor. */
static bool watches(const struct target *target, pid_t pid, unsigned long epoll) {
	char path[64], line[256];
	unsigned long fd;
	bool found = false;
	snprintf(path, sizeof path, "/proc/%d/fdinfo/%lu", pid, epoll);
	FILE *file = fopen(path, "re");
	if (file == NULL) return false;
	while (!found && fgets(line, sizeof line, file) != NULL)
		found = sscanf(line, "tfd: %lu", &fd) == 1 && leads_to(target, pid, fd);
	fclose(file);
	return found;
}

/* proc_pid_syscall(5): `running`, or the number of the system call that the thread sleeps in, and its arguments. */
static bool thread_waits(const struct target *target, pid_t pid, const char *thread) {
	char path[300], text[256];
	long number;
	unsigned long a, b;
	snprintf(path, sizeof path, "/proc/%d/task/%s/syscall", pid, thread);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0) close(fd);
	if (size <= 0) return false;
	text[size] = '\0';
	if (sscanf(text, "%ld %lx %lx", &number, &a, &b) != 3) return false;
	switch (number) {
	case SYS_read: case SYS_readv: case SYS_splice: case SYS_tee: return leads_to(target, pid, a);
	case SYS_sendfile: return leads_to(target, pid, b);
	case SYS_ppoll: return polls(target, pid, a, b);
	case SYS_pselect6: return selects(target, pid, a, b);
	case SYS_epoll_pwait: return watches(target, pid, a);
#ifdef SYS_poll /* the older calls; newer machines have only those above */
	case SYS_poll: return polls(target, pid, a, b);
	case SYS_select: return selects(target, pid, a, b);
	case SYS_epoll_wait: return watches(target, pid, a);
#endif
	default: return false;
	}
}

static bool process_waits(const struct target *target, pid_t pid, int depth);

/* proc_pid_task(5): the file `children` of each thread. */
static bool children_wait(const struct target *target, pid_t pid, const char *thread, int depth) {
	char path[300];
	int child;
	bool found = false;
	snprintf(path, sizeof path, "/proc/%d/task/%s/children", pid, thread);
	FILE *file = fopen(path, "re");
	if (file == NULL) return false;
	while (!found && fscanf(file, "%d", &child) == 1) found = process_waits(target, child, depth + 1);
	fclose(file);
	return found;
}

static bool process_waits(const struct target *target, pid_t pid, int depth) {
	char path[64];
	bool found = false;
	if (depth > MOST_DEPTH) return false;
	snprintf(path, sizeof path, "/proc/%d/task", pid);
	DIR *folder = opendir(path);
	if (folder == NULL) return false;
	for (struct dirent *entry; !found && (entry = readdir(folder)) != NULL;) {
		if (entry->d_name[0] == '.') continue;
		found = thread_waits(target, pid, entry->d_name) || children_wait(target, pid, entry->d_name, depth);
	}
	closedir(folder);
	return found;
}

bool waits_for_input(pid_t pid, int pipe_fd, int slave) {
	struct stat status;
	if (fstat(pipe_fd >= 0 ? pipe_fd : slave, &status) != 0) return false;
	struct target target = {.terminal = pipe_fd < 0, .device = pipe_fd < 0 ? status.st_rdev : status.st_dev, .inode = status.st_ino};
	return process_waits(&target, pid, 0);
}

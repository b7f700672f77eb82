#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static bool is_root(const struct request *request) {
	return request->uid == 0 && request->gid == 0 && request->group_count == 0;
}

bool act_as(const struct request *request) {
	if (is_root(request)) return true;
	return setgroups(request->group_count, request->groups) == 0 && setegid(request->gid) == 0 &&
	       seteuid(request->uid) == 0;
}

bool act_as_root(const struct request *request) {
	return is_root(request) || (seteuid(0) == 0 && setegid(0) == 0 && setgroups(0, NULL) == 0);
}

bool enter_folder(const struct request *request, char actual[PATH_MAX]) {
	struct stat status;
	bool here = request->cwd != NULL && chdir(request->cwd) == 0 && stat(".", &status) == 0;
	/* The same name may be another folder here; a shim promises the same one. */
	if (here && request->strict && request->cwd_inode != NULL)
		here = strtoull(request->cwd_inode, NULL, 10) == (unsigned long long)status.st_ino;
	if (!here && (request->strict || chdir("/") != 0)) return false;
	snprintf(actual, PATH_MAX, "%s", here ? request->cwd : "/");
	return true;
}

static bool is_the_file(int fd, const struct carried_file *file) {
	struct stat status;
	if (fstat(fd, &status) != 0) return false;
	if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) return S_ISCHR(status.st_mode);
	if (file->inode != (unsigned long long)status.st_ino) return false;
	if (S_ISDIR(status.st_mode)) return true;
	return file->size == status.st_size &&
	       file->mtime_ns == (long long)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec;
}

void open_files(struct request *request) {
	const int kept = O_ACCMODE | O_APPEND | O_NONBLOCK | O_SYNC | O_DSYNC | O_DIRECTORY | O_NOATIME;
	for (size_t i = 0; i < request->file_count; i++) {
		struct carried_file *file = &request->files[i];
		/* Here it may be a FIFO, for which nobody waits at the other end. */
		int fd = open(file->path, (file->flags & kept) | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
		if (fd < 0) continue;
		if ((file->flags & O_NONBLOCK) == 0) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
		file->fd = is_the_file(fd, file) ? fcntl(fd, F_DUPFD_CLOEXEC, request->spare_fd) : -1;
		close(fd);
		if (file->fd >= 0) lseek(file->fd, file->offset, SEEK_SET);
	}
}

static int try_path(const char *path) {
	struct stat status;
	if (stat(path, &status) != 0) return errno == EACCES ? EACCES : ENOENT;
	if (!S_ISREG(status.st_mode)) return EACCES;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 ? 0 : EACCES;
}

static const char *variable(const struct request *request, const char *name) {
	size_t size = strlen(name);
	for (char **at = request->environment; *at != NULL; at++)
		if (strncmp(*at, name, size) == 0 && (*at)[size] == '=') return *at + size + 1;
	return NULL;
}

/* As execvp(3) would with the PATH that came along. */
const char *find_program(const struct request *request, char *found) {
	const char *name = request->argv[0];
	const char *folders = variable(request, "PATH");
	int result = ENOENT;
	if (request->program != NULL && (request->strict || access(request->program, F_OK) == 0)) return request->program;
	snprintf(found, PATH_MAX, "%s", name);
	if (strchr(name, '/') != NULL) result = try_path(found);
	else
		for (const char *at = folders == NULL ? "/bin:/usr/bin" : folders; *name != '\0';) {
			size_t size = strcspn(at, ":");
			snprintf(found, PATH_MAX, "%.*s%s%s", (int)size, at, size == 0 ? "" : "/", name);
			int tried = try_path(found);
			if (tried != ENOENT) result = tried;
			if (tried == 0 || at[size] == '\0') break;
			at += size + 1;
		}
	errno = result;
	return result == 0 ? found : NULL;
}

bool same_program(const struct request *request, const char *path) {
	long long size, mtime_ns;
	struct stat status;
	if (request->program_identity == NULL) return true;
	if (sscanf(request->program_identity, "%lld %lld", &size, &mtime_ns) != 2 || stat(path, &status) != 0) return false;
	return size == status.st_size && mtime_ns == (long long)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec;
}

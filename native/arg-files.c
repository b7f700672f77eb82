#include "deputy.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	/* Largest argument file that is sent along; these hold a class path and some options. */
	MOST_BYTES = 64 << 10,
	/* Most of them that are. */
	MOST_FILES = 16,
	/* RunRequest takes no longer path (protocol/admin.ts). */
	MOST_PATH = 4096,
};

/* The text of a plain file, or NULL; to be freed. Opened without waiting: a FIFO in its place must not hold us up. */
static char *small_text(const char *path) {
	struct stat status;
	char *text = NULL;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) return NULL;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= MOST_BYTES &&
	    (text = calloc(1, (size_t)status.st_size + 1)) != NULL) {
		ssize_t got = read(fd, text, (size_t)status.st_size);
		/* With a zero in it it is no text. */
		if (got < 0 || strlen(text) != (size_t)got) {
			free(text);
			text = NULL;
		}
	}
	close(fd);
	return text;
}

/* As the server knows Java's launcher (jvm-command.ts). */
static bool is_java(const char *word) {
	const char *slash = strrchr(word, '/');
	return strcmp(slash == NULL ? word : slash + 1, "java") == 0;
}

static void visit_word(const char *word, int *left, arg_file_visitor visit, void *with) {
	/* The launcher takes @@ for an @ that is none of its own. */
	if (*left == 0 || word[0] != '@' || word[1] == '\0' || word[1] == '@' || strlen(word) > MOST_PATH) return;
	char *text = small_text(word + 1);
	if (text == NULL) return;
	visit(word + 1, text, with);
	free(text);
	--*left;
}

void each_arg_file(char **command, arg_file_visitor visit, void *with) {
	int left = MOST_FILES;
	const char *variable = getenv("JDK_JAVA_OPTIONS");
	char **at = command;
	while (*at != NULL && !is_java(*at)) at++;
	if (*at == NULL) return;
	char *words = variable == NULL ? NULL : strdup(variable), *rest = NULL;
	for (char *word = words; words != NULL && (word = strtok_r(word, " \t\r\n", &rest)) != NULL; word = NULL)
		visit_word(word, &left, visit, with);
	free(words);
	for (at++; *at != NULL && strcmp(*at, "--disable-@files") != 0; at++) visit_word(*at, &left, visit, with);
}

/* file.h: files below a directory, opened so that no path can lead out of it. Edge thread. */
#ifndef EDGE_FILE_H
#define EDGE_FILE_H

#include <dirent.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "market/edge/exchange.h"

struct file {
    int fd;
    int64_t size, changed_ns;
};

/* A regular file below `folder`; no symbolic links, no "..". False: no such file (file->fd is -1). */
bool file_open(int folder, const char *path, struct file *file);
/* The directory `name` in `folder`, to be read and closed with closedir; NULL: there is none (a link is
 * none). */
DIR *file_folder(int folder, const char *name);
/* Content type by ending; NULL for one we do not serve. */
const char *file_type(const char *name);
/* Strong tag of this version of the file, with quotes. */
void file_etag(const struct file *file, char etag[48]);
/* Answers with the file: 200, 206, 304 or 416. TAKES file->fd. `cache` is the Cache-Control value. */
void file_answer(struct exchange *x, struct file *file, const char *type, const char *cache, bool ranges);
/* "name-0123456789.js", ten hex digits of its content, as the page builder names them: what it holds never
 * changes. */
bool file_is_hashed(const char *name);

#endif

/* album.h: the pictures of lots in a backup. In a running market they are files beside the database; in a
 * backup they stand in its table picture_file, so that one file is all of a market. Any thread; works with
 * files. */
#ifndef TRADE_ALBUM_H
#define TRADE_ALBUM_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "market/store/store.h"

struct album {
    int64_t kept, missing; /* files; lots whose file was not there */
};

/* A copy of `store` with the pictures its lots show, whole and on disk under `file` or not there at all.
 * `media`: the folder of the files. A picture that is replaced while this works may be missing. *why is
 * static. */
bool album_backup(struct store *store, const char *file, const char *media, struct album *album,
                  const char **why);
/* Writes the pictures of a backup (open to write, no transaction) below `media` and empties its table. Files
 * that are there are left alone; the paths of those made are added to `made`. media NULL: nothing is written,
 * they are only counted. What is no name of a lot's picture is passed over. */
bool album_unpack(struct store *copy, const char *media, struct album *album, GPtrArray *made);
/* Is it "/media/SLUG/lot-7-0123….jpg"? Then the slug, and where in the path the name begins. */
bool album_path(const char *path, char slug[33], const char **name);

#endif

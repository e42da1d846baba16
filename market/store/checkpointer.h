/* checkpointer.h: moves what the write-ahead log holds into the database beside the writer, so that orders do
 * not wait for it: a checkpoint of some megabytes takes longer than twenty commits. SQLite only.
 *
 * SQLite before 3.51.3 may lose commits (the "WAL-reset bug", https://sqlite.org/wal.html#walresetbug) when
 * all three come together: the log is already whole in the database, a checkpoint starts, and a commit writes
 * the log anew from its beginning meanwhile. Here there is one checkpointer, and beside the writer it starts
 * only when a transaction that began after its last pass has been written: such a log is not whole, and only
 * the checkpointer can make it so, at its end. Whether it is whole or not does not matter in the last, short
 * pass, for which the writer stands still. */
#ifndef STORE_CHECKPOINTER_H
#define STORE_CHECKPOINTER_H

#include <sqlite3.h>
#include <stdbool.h>

struct checkpointer;

/* The log is moved once it has this many pages of 4 KiB; with the larger number the writer waits for it. What
 * a long reader holds up lets it grow beyond both. */
enum { CHECKPOINT_PAGES = 4000, LOG_PAGES_MAX = 4 * CHECKPOINT_PAGES };

/* For the writer's connection to the file `where`, whose own automatic checkpoints end with this. NULL: they
 * stay. One thread and one connection of its own. */
struct checkpointer *checkpointer_new(const char *where, sqlite3 *writer);
/* Waits for a pass under way. Before the writer's connection is closed, on its thread. NULL is fine. */
void checkpointer_free(struct checkpointer *c);

/* The writer's thread, around each transaction: waits while the last pass of a checkpoint runs (a few
 * milliseconds). False: what has been moved could not be synced. Nothing may be written any more then, since
 * that might write over the only good copy, which is in the log; and who closes the database must leave the
 * log. */
bool checkpointer_enter(struct checkpointer *c);
/* Nothing is open any more, whatever became of it. Harmless twice. */
void checkpointer_leave(struct checkpointer *c);
bool checkpointer_failed(struct checkpointer *c);

#endif

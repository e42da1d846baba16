/* checkpointer.h: moves what the write-ahead log holds into the database, a slice at a time between the
 * writer's transactions, so that no order waits for the whole of it. SQLite only.
 *
 * All checkpoints run on the writer's thread: SQLite before 3.51.3 may lose commits when one meets a commit
 * of another thread (the "WAL-reset bug", https://sqlite.org/wal.html#walresetbug). A passive checkpoint
 * moves nothing that is newer than the oldest snapshot somebody reads; a connection of ours holds such a
 * snapshot, a slice behind the end of the log, and so bounds it (walCheckpoint in SQLite's wal.c,
 * mxSafeFrame). What takes longest, the sync of the database file, is done by a thread that does nothing
 * else; the checkpoint that makes the log whole syncs again, what little has come since. */
#ifndef STORE_CHECKPOINTER_H
#define STORE_CHECKPOINTER_H

#include <sqlite3.h>
#include <stdbool.h>

struct checkpointer;

/* In pages of 4 KiB. A log of CHECKPOINT_PAGES is made whole, so that the next transaction writes it anew
 * from its beginning; at LOG_PAGES_MAX the writer waits for that. A long reader lets it grow beyond both. */
enum { SLICE_PAGES = 1000, CHECKPOINT_PAGES = 4000, LOG_PAGES_MAX = 4 * CHECKPOINT_PAGES };

/* For the writer's connection to the file `where`, whose own automatic checkpoints end with this. NULL: they
 * stay. */
struct checkpointer *checkpointer_new(const char *where, sqlite3 *writer);
/* Waits for a sync under way. Before the writer's connection is closed. NULL is fine. */
void checkpointer_free(struct checkpointer *c);

/* The writer's thread, between two transactions: a slice, when there is one to move; a millisecond or two.
 * False, for good: what has been moved could not be written or synced. Nothing may be written any more then,
 * since that might write over the only good copy, which is in the log; and who closes the database must leave
 * the log. */
bool checkpointer_turn(struct checkpointer *c);
bool checkpointer_failed(struct checkpointer *c);

#endif

/* mail.h: a one-way letter box between the threads of two workers: a ring with one writer and one reader, no
 * lock. Whoever writes a note's `what` gives it away. */
#ifndef RELAY_MAIL_H
#define RELAY_MAIL_H

#include <stdbool.h>
#include <stdint.h>

struct note {
    uint16_t kind; /* the two ends agree on what it means */
    uint16_t number;
    uint32_t room;
    void *what;
};

struct mail;
struct mail *mail_new(void);
void mail_free(struct mail *m); /* empty, or what is in it leaks; NULL is fine */

/* The writer. A full ring refuses media, which comes again every few milliseconds; what must arrive is put
 * aside and follows. True: the note was taken. */
bool mail_put(struct mail *m, const struct note *n, bool must);
bool mail_flush(
    struct mail *m); /* wakes the reader if there is news; once a turn. False: some is still put aside */

/* The reader: wait for the descriptor, say so, then take until there is no more. */
int mail_fd(const struct mail *m);
void mail_heard(struct mail *m);
bool mail_take(struct mail *m, struct note *n);
bool mail_is_empty(const struct mail *m); /* nothing to take, now; the reader may be wrong at once */

#endif

/* outpost.h: a worker other than the first: viewers of rooms whose phones live elsewhere. Takes what the
 * first worker's crew (crew.h) sends and answers; its rooms are mirrors, its control.h has no link. One
 * thread. */
#ifndef RELAY_OUTPOST_H
#define RELAY_OUTPOST_H

#include "streamer/relay/control.h"
#include "streamer/relay/mail.h"

struct outpost;
/* The letter boxes are the crew's. `stop_cb` is called when the first worker says that it is over. */
struct outpost *outpost_new(struct loop *loop, struct room_env *env, const struct control_config *config,
                            struct mail *in, struct mail *out, void (*stop_cb)(void *arg), void *arg);
void outpost_free(struct outpost *o);                           /* ends its viewers; NULL is fine */
void outpost_report(struct outpost *o, unsigned busy_permille); /* and counters; twice a second */
void outpost_flush(struct outpost *o);                          /* once a turn */
void outpost_say_ended(struct outpost *o);                      /* the last thing its thread does */

#endif

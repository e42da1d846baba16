/* queue.h: calls waiting for a thread. Bounded; the order of arrival is kept. Any thread. */
#ifndef DESK_QUEUE_H
#define DESK_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

struct call;
struct queue;

struct queue *queue_new(size_t limit);
void queue_free(struct queue *queue); /* must be empty */
/* False: full, or shut; the call stays the caller's. `inner` calls, from other desk threads, pass both. */
bool queue_put(struct queue *queue, struct call *call, bool inner);
/* Waits for calls and takes up to `most`, linked by next. NULL: shut and empty. */
struct call *queue_take(struct queue *queue, size_t most);
size_t queue_length(struct queue *queue);
/* No more from outside; takers get what is left and then NULL. */
void queue_shut(struct queue *queue);

#endif

/* loop.h: epoll with callbacks; a watch may be removed, and its memory freed, inside any callback. One
 * thread. */
#ifndef RELAY_LOOP_H
#define RELAY_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct watch { /* embedded in its owner */
    int fd;
    uint32_t events;
    void (*ready_cb)(void *arg, uint32_t events);
    void *arg;
};

struct loop;
struct loop *loop_new(void);
void loop_free(struct loop *l);
void loop_add(struct loop *l, struct watch *w); /* all fields set; EPOLLIN and so on */
void loop_change(struct loop *l, struct watch *w, uint32_t events);
void loop_remove(struct loop *l, struct watch *w); /* does not close the descriptor */
void loop_wait(struct loop *l, int64_t most_us);   /* until something is ready */
void loop_run(struct loop *l);                     /* the callbacks of what is */

#endif

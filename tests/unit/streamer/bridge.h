/* bridge.h: lets a remote (remote.h), which speaks UDP, reach the relay by ICE-TCP: datagrams on one side,
 * RFC 4571 frames on the other, a thread in between that can be told to stop reading. */
#ifndef TESTS_BRIDGE_H
#define TESTS_BRIDGE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct bridge {
    int udp, tcp;
    uint16_t port; /* where the remote sends */
    atomic_bool reading, over;
    pthread_t thread;
};

void bridge_open(struct bridge *b, uint16_t relay_port);
void bridge_read(struct bridge *b, bool reading); /* false: what the relay sends stays in the connection */
void bridge_close(struct bridge *b);

#endif

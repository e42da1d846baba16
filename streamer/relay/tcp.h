/* tcp.h: viewers whose network lets no UDP through: ICE-TCP, passive (RFC 6544), on the UDP port's number.
 * Each datagram travels with its length in two bytes before it (RFC 4571), and looks to everything above like
 * one from the UDP port, at an address that carries the connection's number.
 *
 * A connection that has sent no authentic STUN check in TCP_PROVE_MS is closed, a silent one after
 * TCP_SILENCE_MS. What a slow one does not take waits in TCP_QUEUE_BYTES; then its viewer is told "full" and
 * falls back to the next keyframe. Nobody else waits for it. One thread. */
#ifndef RELAY_TCP_H
#define RELAY_TCP_H

#include "streamer/relay/counters.h"
#include "streamer/relay/loop.h"
#include "streamer/relay/port.h"
#include "streamer/relay/wheel.h"

struct tcp_env { /* outlives it */
    struct loop *loop;
    struct wheel *wheel;
    struct counters *counters;
    port_datagram_cb datagram_cb;
    void *arg;
};

/* Listens on the port. NULL with errno. */
struct tcp *tcp_open(const struct tcp_env *env, uint16_t port, int64_t now_us);
void tcp_close(struct tcp *t); /* NULL is fine */

/* As port_place, for paths whose remote has a connection's number. NULL: the connection's queue is full, or
 * it is gone. */
uint8_t *tcp_place(struct tcp *t, const struct path *to, size_t size);
/* Before everything that waits in the connection's queue, but for a frame that has begun; dropped and counted
 * when there is no room even so. */
void tcp_send_first(struct tcp *t, const struct path *to, const uint8_t *bytes, size_t size);
void tcp_flush(struct tcp *t); /* sends what was placed */

#endif

/* port.h: the UDP socket. Reads datagrams many at a time; gathers what is to be sent: consecutive datagrams
 * of one size for one peer leave as one GSO burst, up to PORT_BATCH_MESSAGES bursts in one system call. One
 * thread. */
#ifndef RELAY_PORT_H
#define RELAY_PORT_H

#include "streamer/relay/address.h"
#include "streamer/relay/counters.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct path { /* where a peer is, and which of our addresses it talks to */
    struct address remote;
    struct in6_addr local; /* ::: the kernel may choose */
};

struct port;
struct tcp;
/* Binds the port on all addresses, 0: any free one. NULL with errno. */
struct port *port_open(uint16_t udp_port, struct counters *counters);
void port_close(struct port *p); /* NULL is fine */
int port_fd(const struct port *p);
uint16_t port_number(const struct port *p);

/* Datagrams to paths with a connection's number go there from now on (tcp.h). */
void port_use_tcp(struct port *p, struct tcp *tcp);

/* Reads one batch; true: there may be more. `bytes` may be changed by the callback. What the kernel
 * joined (UDP GRO) is cut up again first. */
typedef void (*port_datagram_cb)(void *arg, uint8_t *bytes, size_t size, const struct path *from);
bool port_read(struct port *p, port_datagram_cb datagram_cb, void *arg);
/* In the callback: when the datagram came to this machine (CLOCK_MONOTONIC, microseconds), which may be long
 * before it was read: a full core must not look like a full line in what phones are told. */
int64_t port_came_us(const struct port *p);

/* A place for one datagram of exactly `size` bytes to `to`, to be filled before anything else is asked of the
 * port. NULL: the socket is full, try again when it is writable. */
uint8_t *port_place(struct port *p, const struct path *to, size_t size);
void port_send(struct port *p, const struct path *to, const uint8_t *bytes,
               size_t size); /* place and copy; dropped and counted when full */
/* The same before all media that wait, in room of its own: for what tells a peer that we are there (answers
 * to checks, DTLS). Reports stay in line, for the round trip they measure is to show the queue. */
void port_send_first(struct port *p, const struct path *to, const uint8_t *bytes, size_t size);
void port_flush(struct port *p);
/* From now on at most so many bytes a second of UDP; 0: what the kernel takes. Only port_is_paced says so:
 * media should wait when it does, everything else may leave all the same and is counted. */
void port_set_pace(struct port *p, uint64_t bytes_per_second);
bool port_is_paced(struct port *p, int64_t now_us);
bool port_is_blocked(const struct port *p); /* the kernel took no more: wait for EPOLLOUT, then port_flush */

#endif

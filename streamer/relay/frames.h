/* frames.h: a stream of datagrams, each with its length in two bytes before it (RFC 4571), taken apart
 * wherever the stream was cut on its way. Strangers write the stream. Pure; one thread. */
#ifndef RELAY_FRAMES_H
#define RELAY_FRAMES_H

#include "streamer/relay/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAMES_HEAD = 2 };

struct frames { /* zeroed: the beginning of a stream */
    size_t size;
    uint8_t bytes[FRAMES_HEAD + DATAGRAM_MAX]; /* of the one that is not all there yet */
};

/* Where the stream's next bytes belong, *room of them at most and never none. */
uint8_t *frames_place(struct frames *f, size_t *room);

/* `came` bytes were put there: hands on every datagram that is whole now, 1 to DATAGRAM_MAX bytes, borrowed,
 * to be written into at will. False: a length that is none of ours (0 or more than that); what came before it
 * was handed on, and nothing of the stream can be understood from here on. */
bool frames_take(struct frames *f, size_t came, void (*datagram_cb)(void *arg, uint8_t *bytes, size_t size),
                 void *arg);

/* The head of a datagram of `size` bytes, 65,535 at most. */
void frames_write_head(uint8_t head[FRAMES_HEAD], size_t size);

#endif

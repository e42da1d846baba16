/* packet.h: one RTP packet, held once and shared by reference between a room's history and whoever sends it.
 * Packets come from a pool and go back to it: none is allocated while media flows. packet_new belongs to one
 * thread; of a shared pool, references may be taken and dropped on any. Once a packet was shown to another
 * thread nobody writes its fields. */
#ifndef RELAY_PACKET_H
#define RELAY_PACKET_H

#include "streamer/relay/limits.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct packet_pool;

/* The header is not kept: it is written anew for every viewer from these fields. */
struct packet {
    struct packet_pool *pool;
    struct packet *next_free;
    atomic_uint refs;
    uint16_t size; /* bytes of payload, padding not counted */
    uint8_t
        padding; /* bytes of RTP padding that follow the payload, the last of them says how many; 0: none */
    bool marker;
    bool keyframe;      /* belongs to a frame known to be a keyframe when this packet came */
    uint32_t timestamp; /* of the room, continuous over takeovers */
    uint32_t frame;     /* counts the room's frames */
    uint64_t index;     /* the room's sequence number, 64 bits */
    int64_t at_us;      /* arrival */
    uint8_t payload[RTP_PAYLOAD_MAX + PORT_PAD_MAX];
};

struct packet_pool *packet_pool_new(bool shared);
void packet_pool_free(struct packet_pool *pool); /* after every packet came back */

struct packet *
packet_new(struct packet_pool *pool); /* one reference; fields other than the references are not cleared */
struct packet *packet_ref(struct packet *p);
void packet_unref(struct packet *p); /* NULL is fine */

#endif

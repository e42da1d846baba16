/* mirror_ingest.c: an ingest for the relay's tests that gives back what it gets, so that they test the relay
 * alone. Asks the phone for keyframes by PLI as the real one does. As the studio that transcodes it gives the
 * same pictures under an SSRC of its own. Told by a room named "crash" it dies at
 * once, by one named "boast" it has counted more than there can be; as the studio that keeps files it dies of
 * one named "blind". */
#include "streamer/pipe.h"
#include "streamer/relay/rtcp.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { AUDIO_PT = 111, VIDEO_PT = 96 };

static void say(enum pipe_type type, enum pipe_kind kind, uint32_t layer, const uint8_t *payload, size_t size,
                uint64_t at_us)
{
    uint8_t message[sizeof(struct pipe_head) + PIPE_PACKET_MAX];
    struct pipe_head head = {.type = (uint8_t)type,
                             .kind = (uint8_t)kind,
                             .length = (uint16_t)size,
                             .layer = layer,
                             .at_us = at_us};
    memcpy(message, &head, sizeof head);
    if (size)
        memcpy(message + sizeof head, payload, size);
    if (send(PIPE_FD, message, sizeof head + size, MSG_NOSIGNAL) < 0)
        exit(1);
}

static const char boast[] = "{\"lost\":9223372036854775807,\"recovered\":9223372036854775807,"
                            "\"received\":9223372036854775807,\"jitter_ms\":0}";
static bool transcodes;

static void take(const struct pipe_head *head, const uint8_t *payload)
{
    uint8_t pli[12];
    if (head->type == PIPE_SETUP && memmem(payload, head->length, "\"crash\"", 7))
        exit(1);
    if (head->type == PIPE_SETUP && memmem(payload, head->length, "\"blind\"", 7) &&
        memmem(payload, head->length, "\"dir\"", 5))
        exit(1);
    if (head->type == PIPE_SETUP)
        transcodes = memmem(payload, head->length, "\"low_kbps\"", 10) != NULL;
    if (head->type == PIPE_SETUP)
        say(PIPE_READY, PIPE_NONE, 0, NULL, 0, 0);
    if (head->type == PIPE_SETUP && memmem(payload, head->length, "\"boast\"", 7))
        say(PIPE_STATS, PIPE_NONE, 0, (const uint8_t *)boast, strlen(boast), 0);
    if (head->type == PIPE_PING)
        say(PIPE_PONG, PIPE_NONE, 0, NULL, 0, 0);
    if (head->type == PIPE_KEYFRAME && !transcodes)
        say(PIPE_RTCP, PIPE_NONE, 0, pli, rtcp_write_pli(pli, 1, 2), 0);
    if (head->type == PIPE_RTP && (payload[1] & 0x7f) == AUDIO_PT)
        say(PIPE_RTP, PIPE_AUDIO, 0, payload, head->length, head->at_us);
    if (head->type == PIPE_RTP && (payload[1] & 0x7f) == VIDEO_PT)
        say(PIPE_RTP, PIPE_VIDEO, head->layer, payload, head->length, head->at_us);
    if (head->type == PIPE_END)
        exit(0);
}

int main(void)
{
    static uint8_t message[sizeof(struct pipe_head) + PIPE_TEXT_MAX];
    for (;;) {
        ssize_t n = recv(PIPE_FD, message, sizeof message, 0);
        struct pipe_head head;
        if (n < (ssize_t)sizeof head)
            return 0;
        memcpy(&head, message, sizeof head);
        take(&head, message + sizeof head);
    }
}

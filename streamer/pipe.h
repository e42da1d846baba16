/* pipe.h: what the relay and its children (ingest, studio) say to each other.
 *
 * One AF_UNIX SOCK_SEQPACKET socketpair per child, on file descriptor 3 in the child. One message per packet:
 * this header, then `length` bytes. Both ends are on the same machine and of the same build, so fields are in
 * host order; the child is not trusted all the same (it parses what strangers send): the relay checks every
 * message and a bad one ends that child, never the room.
 *
 * Life of a child: relay forks and execs it, writes PIPE_SETUP and then packets without waiting (they queue in the
 * socket while the child loads); the child answers PIPE_READY. Either side sees the other's death as end-of-file. */
#ifndef STREAMER_PIPE_H
#define STREAMER_PIPE_H

#include <stdint.h>

#define PIPE_FD 3            /* the child's end */
#define PIPE_PACKET_MAX 2048 /* bytes of payload in RTP and RTCP messages */
#define PIPE_TEXT_MAX 8192   /* bytes of payload in JSON messages */
#define PIPE_PING_MS 1000    /* the relay pings this often… */
#define PIPE_HUNG_MS 4000    /* …and kills a child that answered nothing for so long */

enum pipe_type {
    PIPE_SETUP = 1,    /* relay → child, first message, JSON (below) */
    PIPE_READY = 2,    /* child → relay: pipeline is PLAYING, sandbox is shut; empty */
    PIPE_RTP = 3,      /* either way: one RTP packet in the clear */
    PIPE_RTCP = 4,     /* either way: one RTCP compound in the clear */
    PIPE_KEYFRAME = 5, /* relay → ingest: ask the phone for one of this layer (merged and bounded already);
                          relay → transcode: make one; studio → relay: please */
    PIPE_PING = 6,     /* relay → child; empty */
    PIPE_PONG = 7,     /* child → relay; empty */
    PIPE_STATS = 8,    /* ingest → relay, each second, JSON: {"lost":n,"recovered":n,"received":n,"jitter_ms":n} */
    PIPE_FILE = 9,     /* studio → relay, JSON: {"kind":"poster"|"recording","file":"name below the setup's dir","ms":n} */
    PIPE_END = 10,     /* relay → child: finish files and exit 0 within 3 s; empty */
};

enum pipe_kind { PIPE_NONE = 0, PIPE_AUDIO = 1, PIPE_VIDEO = 2 };

struct pipe_head {
    uint8_t type;    /* enum pipe_type */
    uint8_t kind;    /* enum pipe_kind; PIPE_NONE where the sender cannot know (relay → ingest) */
    uint16_t length; /* bytes after the header */
    uint32_t layer;  /* simulcast layer, in the order of the phone's offer; 0 when there is one stream */
    uint64_t at_us;  /* CLOCK_MONOTONIC, microseconds, when the datagram arrived or the packet left the jitter buffer */
};

/* PIPE_SETUP of ingest:
 *   {"room":"…","video":{"codec":"H264"|"VP8","pt":96,"rtx_pt":97,"fmtp":"…"},"audio":{"pt":111},
 *    "twcc_id":3,"latency_ms":100}
 *   "video" or "audio" may be absent. twcc_id 0: the phone did not offer it. rtx_pt 0: no RTX.
 * PIPE_SETUP of studio (fed with the room's clean RTP: one SSRC per kind, continuous numbers):
 *   {"room":"…","video":{"codec":…,"pt":…,"fmtp":…},"audio":{"pt":…},"dir":"/…/media/ROOM","record":true,"poster_ms":4000,"ahead_s":0}
 *   ahead_s: what the market's time, in which files are named, is ahead of the machine's.
 *   and with PIPE_RTCP: a sender report of each kind, in the room's numbers and the phone's clock, when the phone sends one.
 * PIPE_SETUP of the studio that transcodes (fed with the room's clean video; gives PIPE_RTP with the timestamps
 * it was fed, takes PIPE_KEYFRAME, writes no files):
 *   {"room":"…","video":{"codec":…,"pt":…,"fmtp":…},"low_kbps":150} */

#endif

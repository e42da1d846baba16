/* limits.h: every limit of the relay on one page. Past a limit something is refused or dropped and counted;
 * nobody else notices. Units stand at the end of the names. */
#ifndef RELAY_LIMITS_H
#define RELAY_LIMITS_H

enum {
    /* the wire */
    DATAGRAM_MAX = 1500,      /* longer ones are dropped before anything reads them */
    DATAGRAM_BATCH = 64,      /* read by one recvmmsg */
    PORT_GRO_BYTES = 65536,   /* of datagrams of one peer that the kernel hands over together */
    RTP_PAYLOAD_MAX = 1400,   /* a packet with header, padding and SRTP tag must fit a datagram */
    PORT_BATCH_MESSAGES = 64, /* sent by one sendmmsg */
    PORT_BATCH_BYTES = 512 * 1024,
    PORT_FIRST_MESSAGES = 32, /* more of them, for answers to checks while the socket is full of media */
    PORT_SEGMENTS = 48,       /* datagrams of one GSO burst; the kernel's own limit is 64 */
    PORT_BURST_BYTES = 60000, /* of one GSO burst; an IP packet's limit is 65,535 */
    PORT_PACE_MS = 10,        /* what --pace allows in this time may leave at once */
    PORT_PAD_MAX = 40,        /* bytes of RTP padding spent to make a packet as long as its burst's first */

    /* ICE and DTLS */
    PEERS_MAX = 8192,          /* publishers and viewers, half-open ones counted */
    PEER_PATHS = 6,            /* addresses one peer has proved; the oldest unused one is forgotten */
    PEER_HANDSHAKE_MS = 10000, /* from the answer to the keys */
    PEER_ROAM_MS = 2000,     /* the selected path's silence after which any proved path may take over: viewers
                                report every 0.5 to 1.5 s, browsers check every 2.5 s */
    PEER_SSL_KEEP_MS = 5000, /* the handshake's state is kept so long for lost last flights */
    ICE_UFRAG = 16,          /* characters, 6 random bits each: 96 bits */
    ICE_PWD = 32,            /* 192 bits */
    DTLS_FIRST_RESEND_MS = 60,
    DTLS_LAST_RESEND_MS = 1000,
    DTLS_MTU = 1200,
    DTLS_CERTIFICATE_MAX = 8192,

    /* ICE-TCP */
    TCP_CONNECTIONS = 4096,
    TCP_PROVE_MS = 10000,         /* from the connection to the first authentic check */
    TCP_SILENCE_MS = 60000,       /* browsers check even a path they do not use every 25 s */
    TCP_QUEUE_BYTES = 64 * 1024,  /* unsent, of one connection: half a second of video */
    TCP_FIRST_BYTES = 4 * 1024,   /* more of it, for answers to checks while it is full of media */
    TCP_KERNEL_BYTES = 16 * 1024, /* unsent in the kernel, where nothing can overtake it any more */

    /* SRTP */
    SRTP_STREAMS = 16, /* SSRCs one peer may send; packets of further ones are refused */

    /* SDP */
    SDP_MAX = 32 * 1024,
    SDP_LINES = 800,
    SDP_LINE = 1024,
    SDP_MEDIA = 8,
    SDP_CODECS = 48, /* payload types of one section */
    SDP_FMTP = 192,
    SDP_RID = 16,   /* characters of a layer's name */
    SDP_LAYERS = 2, /* simulcast layers taken: the largest and the smallest */

    /* rooms */
    ROOMS_MAX = 512,
    HISTORY_VIDEO = 2048, /* packets kept for NACK, joiners and laggards; powers of two */
    HISTORY_AUDIO = 256,
    GOP_PACKETS = 1600,     /* a longer group of pictures is not given to joiners */
    GOP_REFRESH_MS = 6000,  /* older than this while there are viewers: ask for a keyframe */
    GOP_SQUEEZE_TICKS = 90, /* RTP ticks between two cached frames shown to a joiner: 1 ms */
    GATHER_US = 8000,       /* packets of one frame wait so long for its last one, to leave as one burst */
    HOLD_SOUND_US =
        8000, /* sound waits at most so long for a frame that is due, to leave as its last packet… */
    HOLD_FRAME_US = 2000, /* …and a frame for sound that is due. Timers are late by up to WHEEL_TICK_US */
    RHYTHM_SHORTEST_US = 5000,
    RHYTHM_LONGEST_US = 250000,
    RHYTHM_SLACK_US = 2000, /* what is expected may be so late */
    ROOM_STALLED_MS = 2000,
    PUBLISHER_SILENCE_MS = 10000,
    ROOM_GRACE_MS = 60000,         /* when the market named none */
    ROOM_AHEAD_MAX_S = 1000000000, /* the market's time before that of a machine that wakes in 1970 */

    /* viewers */
    VIEWERS_MAX = 4000,         /* --viewers changes it */
    BUSY_MOST_PERMILLE = 900,   /* --busy changes it: a worker with less idle time takes no more viewers */
    VIEWER_SILENCE_MS = 30000,  /* gone */
    VIEWER_HUSH_MS = 10000,     /* nothing heard: no more media until something is */
    VIEWER_TURN_PACKETS = 24,   /* a viewer that is behind gets so many… */
    VIEWER_TURN_MS = 4,         /* …each time this passes: 66 Mb/s */
    VIEWER_LAG_MS = 1500,       /* older packets are not sent: on to the next keyframe */
    VIEWER_REPORT_MS = 1000,    /* between two sender reports */
    VIEWER_REPORT_GRID_MS = 40, /* those of many viewers leave together */
    VIEWER_RESEND_PERCENT = 25, /* resent bytes in a second, of the media bytes of that second… */
    VIEWER_RESEND_BYTES = 64 * 1024, /* …or so many, if that is more */
    NACKS_PER_PACKET = 64,           /* lost packets listened to in one RTCP datagram */
    RESEND_GAP_MS = 15, /* the same packet is not resent to a viewer faster than this (ring of few) */
    RESEND_RECENT = 64,

    /* renditions */
    ESTIMATE_SETTLE_MS = 2500,        /* after a step, reports are about before */
    ESTIMATE_LOOK_MS = 500,           /* a judgement is about so long at least, … */
    ESTIMATE_LOOK_PACKETS = 24,       /* …and about so many packets… */
    ESTIMATE_LOOK_MAX_MS = 2000,      /* …unless that takes longer than this */
    ESTIMATE_LOOK_PACKETS_MAX = 4096, /* what one report may count for: a viewer may say anything */
    ESTIMATE_QUEUE_MS = 400,          /* a round trip so much longer than the shortest is a queue too long */
    ESTIMATE_PATIENCE_MS = 5000,      /* all well for so long: try a step up… */
    ESTIMATE_PATIENCE_MAX_MS = 60000, /* …doubled each time it fails… */
    ESTIMATE_TRIAL_MS = 12000,        /* …within this */
    SMALL_KBPS = 150,                 /* of the transcoded rendition */
    SMALL_IDLE_MS = 4000,             /* nobody needs it for so long: the transcode ends */
    TRANSCODES_PER_CORE = 4,          /* at once, unless --transcodes names their number */
    SMALL_BROKEN_MS = 60000,          /* given up: not tried again before */
    SMALL_HISTORY = 1024,             /* packets of the low rendition kept; a power of two */
    LAYER_SILENT_MS = 700,            /* a phone that stops a layer for so long has dropped it */
    LAYER_STEP_MS = 100,              /* …counting at most so much between two packets of the phone */
    LAYER_ASK_MS = 500,               /* between two wishes for a keyframe of a layer that is to take over */
    LAYER_AWAITED_MS = 3000, /* a phone that offered layers sends them within this; no transcode before */
    LAYER_SMALL_PIXELS = 320 * 240, /* low enough by itself; else half of the other layer's pixels at most */
    SWITCH_FRESH_MS = 500,          /* a keyframe older than this is not switched to */
    SWITCH_ASK_MS = 500,            /* between two wishes of one viewer for one */
    SWITCH_RELIEVE_MS = 1000,       /* a step down that takes longer: sound alone until then */
    SWITCH_STEP_TICKS = 900,        /* 10 ms: a switch never goes back in time */
    SWITCH_BACK_TICKS = 90000,      /* a rendition that lags by more is not switched to */

    /* keyframes */
    KEYFRAME_JOIN_MS = 2000,
    KEYFRAME_REPAIR_MS = 500,
    KEYFRAME_MIRROR_MS = 50, /* an outpost passes the same wish on no faster */

    /* workers */
    WORKERS_MAX = 16,
    MAIL_NOTES = 8192,   /* from one worker to another; a power of two */
    PUBLISHER_LOAD = 10, /* a phone costs its worker as much as so many viewers */

    /* children */
    CHILD_BUFFER = 4 * 1024 * 1024,
    CHILD_BACKOFF_MS = 100, /* doubled at every death in a row… */
    CHILD_BACKOFF_MAX_MS = 5000,
    CHILD_DEATHS = 8,        /* …and given up after so many */
    CHILD_STEADY_MS = 20000, /* alive so long: deaths start from nought */
    CHILD_END_MS = 4000,     /* from PIPE_END to SIGKILL */
    CHILD_TURN = 256,        /* messages read from one child before others get their turn */

    /* the link */
    LINK_BACKOFF_MS = 100,
    LINK_BACKOFF_MAX_MS = 3000,
    LINK_PENDING_MAX = 8 * 1024 * 1024, /* unsent bytes: the market does not read, dial again */

    DRAIN_MS = 4500, /* from SIGTERM to the end */
};

#endif

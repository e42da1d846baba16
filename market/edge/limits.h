/* limits.h: every bound of the edge on one page. Bytes, milliseconds and counts; a test per row is welcome.
 * The rates are per client address (IPv4, or the /64 of IPv6) and generous on purpose: a whole valley sits
 * behind one mobile operator's address. */
#ifndef EDGE_LIMITS_H
#define EDGE_LIMITS_H

/* HTTP */
#define HEADERS_MAX 8192        /* the request's line and the headers that are known by name; 431 beyond… */
#define HEADERS_ROOM 12288      /* …and of all headers; beyond, libwebsockets closes without a word */
#define PATH_MAX_BYTES 512      /* decoded path */
#define BODY_MAX (64 * 1024)    /* JSON bodies */
#define FILE_MAX BODY_DRAIN_MAX /* JSON with a file in it, as base64: bank statements */
#define RAW_MAX (5 * 1024 * 1024) /* a file as the body itself: bank statements, from the office alone */
#define RAW_AT_ONCE 4             /* such bodies being taken in: 20 MB all together */
#define RAW_RETRY_S 5
#define RAW_S 120             /* and each complete in this time: a slow uplink */
#define PICTURE_MAX 200000    /* bytes of a lot's picture; our pages send at most 150,000 */
#define PICTURE_SIDE_MAX 2000 /* pixels; our pages send at most 800 */
#define PICTURE_SPARES_MAX 8  /* files of a lot beside the one it shows, left by uploads that broke off… */
#define PICTURE_SPARE_S 3600  /* …and for how long; looked at when the lot gets its next picture */
#define ERRANDS_MAX 32        /* pictures waiting to be written: 6 MB of them… */
#define ERRAND_RETRY_S 3      /* …and what one more is told */
#define SDP_MAX (16 * 1024)   /* offers and fragments */
#define BODY_DRAIN_MAX                                                                                       \
    (2 * 1024 * 1024) /* too big, but read and dropped so that the client can read our 413 */
#define QUERY_ARGS_MAX 16
#define IDLE_S 60             /* keep-alive connection without a request */
#define REQUEST_S 15          /* headers, then body, must be complete in this time each */
#define WRITE_S 30            /* a client that takes nothing for so long is cut off */
#define CHUNK (16 * 1024)     /* bytes per write of a long answer: one TLS record */
#define CONNECTIONS_MAX 12000 /* all together */
#define HEADER_POOL 2048      /* connections in the middle of a request: twice one address's */

/* per address */
#define ADDRESSES_MAX 8192 /* table of addresses; the longest unseen is forgotten first */
#define ADDRESS_CONNECTIONS 1024
#define ADDRESS_REQUESTS_PER_S 100
#define ADDRESS_REQUESTS_BURST 400
/* genuine notices of a bank, all from its one address, a storm of repeats too; others have the requests' */
#define ADDRESS_HOOKS_PER_S 200
#define ADDRESS_HOOKS_BURST 2000
#define ADDRESS_MEDIA_PER_S 5 /* WHIP and WHEP POST: each costs the relay a DTLS handshake */
#define ADDRESS_MEDIA_BURST 60

/* How a phone's uplink is called when the phone itself does not say (web/shared/media-stats.ts has the same
 * two of loss). Loss says more than the rate: a still picture on a good line needs few bits. */
#define UPLINK_WEAK_PERMILLE 40
#define UPLINK_BAD_PERMILLE 120
#define UPLINK_WEAK_KBPS 200
#define UPLINK_BAD_KBPS 80
#define UPLINK_SAID_MS 40000 /* the phone's own word; its page repeats it every 15 s */

/* WebSocket */
#define MESSAGE_MAX (64 * 1024) /* one client message, fragments together */
#define MESSAGE_MS 10000        /* from its first byte to its last */
#define CLIENT_MESSAGES_PER_MIN 100
#define CLIENT_MESSAGES_BURST 30
#define CLIENT_CALLS_MAX 8   /* unanswered calls of one client */
#define CLIENT_QUEUE_MAX 512 /* messages waiting for one client… */
#define CLIENT_QUEUE_BYTES                                                                                   \
    (1024 * 1024)            /* …and their bytes: beyond, the client is told "slow" and closed             \
                              */
#define CLIENT_WRITES 16     /* messages written to one client before the others get their turn */
#define CLIENT_HELD_MAX 4096 /* rows held back while a join is being answered */
#define CATCH_UP_ROWS 1000   /* further behind than this: a fresh state instead of rows */
#define PING_S 25
#define PONG_S 40         /* no sign of life for so long: closed */
#define WHO_CHECK_MS 5000 /* sockets' sessions are looked up again this often (in memory) */

/* media sessions */
#define SESSIONS_MAX 20000
#define SESSION_CONNECT_MS 15000 /* answered, but the relay never said "connected": forgotten */
#define NOT_LIVE_RETRY_S 3
#define NO_RELAY_RETRY_S 2
#define FULL_RETRY_S 5

#define EVENTS_STREAMS_MAX 4000 /* open streams of server-sent events, all together */
#define EVENTS_QUEUE_BYTES 4096 /* waiting for one stream: beyond, it is closed */
#define EVENTS_PING_MS 15000
#define TURN_LIFE_S (12 * 3600) /* of TURN credentials: longer than any market day */

/* relay */
#define QUESTIONS_MAX 4096 /* unanswered at once */
#define LINK_QUEUE_BYTES (8 * 1024 * 1024)
#define RELAY_BACKOFF_MIN_MS 200
#define RELAY_BACKOFF_MAX_MS 10000
#define RELAY_DEATHS_MAX 10 /* within RELAY_DEATHS_MS: wait RELAY_PAUSE_MS before trying again */
#define RELAY_DEATHS_MS 60000
#define RELAY_PAUSE_MS 60000
#define ROOM_SHOW_MS 1000 /* at most one "room" message per stall to its watchers in this time */

/* life of the program */
#define DRAIN_MS 8000          /* SIGTERM: in-flight requests get this long; exit is within 10 s */
#define HEAL_UPTIME_MS 3000    /* a disk that fails again so soon is the supervisor's business */
#define READY_WRITE_MS 1000    /* readyz: the rolled-back write must come back in this time */
#define READY_CACHE_MS 1000    /* readyz: one check serves everybody who asks in this time */
#define READY_DISK_PERMILLE 50 /* readyz: free space on the data disk */
#define READY_CERT_DAYS 7
#define METRICS_REQUEST_MAX 4096
#define METRICS_SCRAPES_MAX 8
#define METRICS_SCRAPE_MS 10000 /* from connecting to the last byte */
#define ADMIN_LINE_MAX (64 * 1024)
#define ADMIN_CLIENTS_MAX 8
#define LWS_LINES_PER_MIN 30      /* of libwebsockets' own remarks in our log */
#define RETRY_AFTER_DRAIN_MS 1000 /* told to clients in "bye" */

#endif

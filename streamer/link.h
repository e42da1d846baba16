/* link.h: the control link between market and relay. Both programs include this file and nothing else of each other.
 *
 * Transport: a Unix stream socket (the market listens, mode 0600, SO_PEERCRED must be the same user or root; the relay dials and
 * dials again with back-off). A frame is a 4-byte big-endian length and that many bytes of one JSON object, UTF-8.
 * Every object has "t", its type. Unknown fields are ignored, an unknown "t" is counted and ignored, a frame that is
 * too long or no JSON object closes the connection.
 *
 * Order of talk: the relay's hello, the market's hello (a different "v": the market closes), the market's "room" for every room that
 * should exist (a "room" question is an upsert), then "restored". Rooms the relay still has and that were not named are closed at "restored".
 * Media of running sessions goes on while the link is down.
 *
 * relay → market
 *   {"t":"hello","v":1,"relay":"ID","pid":N,"started":MS,"udp_port":N}
 *   {"t":"answer","q":N,"ok":true, …}   or   {"t":"answer","q":N,"ok":false,"code":"CODE","detail":"words for the log"}
 *   {"t":"session","session":S,"room":R,"kind":"publish"|"watch","state":"connected"|"gone","why":"closed|silence|dtls|taken-over|room|failed|codec"}
 *   {"t":"room","room":R,"state":"idle"|"live"|"stalled"|"paused","viewers":N,"uplink":{"kbps":N,"lost_permille":N (repaired or not)},"video":"H264"|"VP8"|"","since":MS}
 *        on every change of state, and at most every LINK_ROOM_MS while viewers or uplink change
 *        and "low":"layer"|"transcode"|"": where the low rendition comes from, "" when there can be none
 *        and "renditions":{"source":N,"low":N,"audio":N}: how many of the connected viewers get what
 *        and "layers":{"source":KBPS,"low":KBPS}: what the pictures cost just now; 0: not made at the moment
 *   {"t":"rendition","session":S,"room":R,"rendition":"source"|"low"|"audio"}   what this viewer gets from now on
 *   {"t":"file","room":R,"kind":"poster"|"recording","file":"R/poster-….jpg","ms":N}     path below the media directory
 *   {"t":"sessions","sessions":[{"session":S,"room":R,"kind":…,"etag":E}]}   after "restored": what the relay still holds
 *        and of a viewer "video" (as in the answer to "watch") and, once it is connected, "rendition"
 * market → relay: {"t":"hello","v":1} and questions; each has "q", a number the answer repeats
 *   {"t":"room","q":N,"room":R,"record":bool,"paused":bool,"grace_ms":N,"ahead_s":N}     open or change a room; answer: {}
 *        ahead_s: by how much the market's time, which never goes back, is ahead of the machine's; files are named in the market's
 *   {"t":"restored"}                                                          no answer but "sessions"
 *   {"t":"room_close","q":N,"room":R,"why":W}                                 ends publisher and viewers; answer: {}
 *   {"t":"publish","q":N,"room":R,"session":S,"sdp":OFFER}                    answer: {"sdp":ANSWER,"etag":E}; takes over from the old publisher
 *   {"t":"watch","q":N,"room":R,"session":S,"sdp":OFFER}                      answer: {"sdp":ANSWER,"etag":E,"video":N}: the picture's m-line, from 0; none without one
 *   {"t":"patch","q":N,"session":S,"frag":SDPFRAG,"restart":bool}             answer: {"frag":…,"etag":E} (restart) or {} (trickle: candidates are ignored)
 *   {"t":"close","q":N,"session":S}                                           answer: {}
 *   {"t":"layer","q":N,"session":S,"rendition":"auto"|"source"|"low"|"audio"}  never more than this; answer: {}
 *   {"t":"stats","q":N}                                                       answer: {"rooms":N,"viewers":N,"counters":{NAME:N,…},
 *        "stage_us":{STAGE:N,…},"queue":{"bounds_us":[N,…],"counts":[N,…],"sum_us":N}}    time of all workers since their start; how long media waited in the relay
 * S and R are chosen by the market: R is the stall's slug ([a-z0-9-]{1,32}), S 32 hex digits from a CSPRNG.
 *
 * Codes in a failed answer: */
#ifndef STREAMER_LINK_H
#define STREAMER_LINK_H

#define LINK_VERSION 1
#define LINK_FRAME_MAX (2 * 1024 * 1024) /* "sessions" of a relay that is full: PEERS_MAX and ROOMS_MAX of some 160 bytes */
#define LINK_QUESTION_MS 5000 /* the market gives up on a question after this: 504 */
#define LINK_ROOM_MS 2000
#define LINK_ROOM_NAME_MAX 32
#define LINK_SESSION_NAME 32 /* hex digits */

#define LINK_NO_ROOM "no-room"             /* 404 */
#define LINK_NO_SESSION "no-session"       /* 404 */
#define LINK_BAD_SDP "bad-sdp"             /* 400: not an SDP we can read */
#define LINK_UNSUPPORTED_SDP "unsupported" /* 422: readable, but asks what we do not do */
#define LINK_FULL "full"                   /* 503 + Retry-After */
#define LINK_NOT_LIVE "not-live"           /* 409 + Retry-After: nobody has published here yet */
#define LINK_BAD_MESSAGE "bad-message"     /* our own bug: 500 */

#endif

/* counters.h: what the relay counts, one list. A hostile packet costs one of these and nothing else.
 * The names go over the link in "stats". One struct per worker, touched by its thread only. */
#ifndef RELAY_COUNTERS_H
#define RELAY_COUNTERS_H

#include "streamer/relay/meter.h"

#include <stdint.h>

/* clang-format off */
#define COUNTERS(X) \
    X(datagrams_in) X(datagrams_out) X(datagrams_odd) X(datagrams_long) X(send_blocked) \
    X(send_failed) X(stun_requests) X(stun_malformed) X(stun_unknown) X(stun_bad_integrity) \
    X(stun_long_answer) X(dtls_unproved) X(dtls_failed) X(dtls_fingerprint) X(dtls_done) \
    X(dtls_closed) X(dtls_ignored) X(srtp_in) X(srtp_refused) X(srtp_replayed) X(srtcp_in) \
    X(srtcp_refused) X(srtcp_replayed) X(srtp_moved) X(rtp_unproved) X(rtp_malformed) X(rtcp_malformed) X(rtp_out) \
    X(rtp_bytes_out) X(rtcp_out) X(nacks) X(resent) X(resend_missing) X(resend_budget) X(plis_in) \
    X(keyframes_asked) X(keyframes_merged) X(joins) X(joins_cached) X(viewers_refused) \
    X(viewers_lagged) X(viewers_silent) X(publishes) X(takeovers) X(roams) X(ice_restarts) \
    X(publishers_silent) X(pipe_bad) X(pipe_dropped) X(child_starts) X(child_deaths) X(child_hung) \
    X(child_given_up) X(link_dials) X(link_bad_frames) X(link_unknown) \
    X(tcp_opened) X(tcp_refused) X(tcp_in) X(tcp_full) X(mail_full) \
    X(rendition_switches) X(transcodes) X(low_missed) X(layer_switches) X(no_landlock) X(no_seccomp)
/* clang-format on */

struct counters {
#define X(name) uint64_t name;
    COUNTERS(X)
#undef X
    struct meter meter;
};

void counters_add(struct counters *sum, const struct counters *c);
/* Calls `each_cb` for every counter in the list's order. */
void counters_each(const struct counters *c, void (*each_cb)(void *arg, const char *name, uint64_t value),
                   void *arg);

#endif

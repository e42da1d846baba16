// sdp.mjs: offers as a browser would make them, for tests that need no media to flow.
import { randomBytes } from 'node:crypto';

const hex = (n) => randomBytes(n).toString('hex');
const fingerprint = () => hex(32).toUpperCase().match(/../g).join(':');

function section(kind, mid, direction, codecs, ice) {
    const lines = [
        `m=${kind} 9 UDP/TLS/RTP/SAVPF ${codecs.map((c) => c.pt).join(' ')}`,
        'c=IN IP4 0.0.0.0',
        'a=rtcp:9 IN IP4 0.0.0.0',
        `a=ice-ufrag:${ice.ufrag}`, `a=ice-pwd:${ice.pwd}`, 'a=ice-options:trickle',
        `a=fingerprint:sha-256 ${ice.fingerprint}`, 'a=setup:actpass',
        `a=mid:${mid}`, `a=${direction}`, 'a=rtcp-mux', 'a=rtcp-mux-only', 'a=rtcp-rsize',
    ];
    for (const { pt, map, fmtp, fb = [] } of codecs) {
        lines.push(`a=rtpmap:${pt} ${map}`);
        for (const f of fb) lines.push(`a=rtcp-fb:${pt} ${f}`);
        if (fmtp) lines.push(`a=fmtp:${pt} ${fmtp}`);
    }
    if (direction.startsWith('send')) {
        const ssrc = randomBytes(4).readUInt32BE();
        lines.push(`a=msid:stream ${kind}0`, `a=ssrc:${ssrc} cname:test`, `a=ssrc:${ssrc} msid:stream ${kind}0`);
    }
    return lines;
}

const opus = { pt: 111, map: 'opus/48000/2', fmtp: 'minptime=10;useinbandfec=1', fb: ['transport-cc'] };
const feedback = ['goog-remb', 'transport-cc', 'ccm fir', 'nack', 'nack pli'];
const vp8 = { pt: 96, map: 'VP8/90000', fb: feedback };
const h264 = {
    pt: 103, map: 'H264/90000', fb: feedback,
    fmtp: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
};

/** An offer to publish ("sendonly") or to watch ("recvonly"). `videos` and `audios` are how many m-lines of each. */
export function offer(direction, { videos = 1, audios = 1, video = [vp8, h264], bundle = true, edit = (lines) => lines } = {}) {
    const ice = { ufrag: hex(4), pwd: hex(12), fingerprint: fingerprint() };
    const kinds = [...Array(audios).fill('audio'), ...Array(videos).fill('video')];
    const lines = [
        'v=0', `o=- ${randomBytes(6).readUIntBE(0, 6)} 2 IN IP4 127.0.0.1`, 's=-', 't=0 0',
        ...(bundle ? [`a=group:BUNDLE ${kinds.map((_, i) => i).join(' ')}`] : []),
        'a=extmap-allow-mixed', 'a=msid-semantic: WMS stream',
        ...kinds.flatMap((kind, i) => section(kind, i, direction, kind === 'audio' ? [opus] : video, ice)),
    ];
    return edit(lines).join('\r\n') + '\r\n';
}

/** A trickle or restart fragment (RFC 8840). */
export function fragment({ ufrag, pwd, candidate = true, mid = '0' }) {
    const lines = [`a=ice-ufrag:${ufrag}`, `a=ice-pwd:${pwd}`, 'a=group:BUNDLE 0 1', 'm=audio 9 UDP/TLS/RTP/SAVPF 111', `a=mid:${mid}`];
    if (candidate) lines.push('a=candidate:1 1 udp 2130706431 192.0.2.7 50000 typ host', 'a=end-of-candidates');
    return lines.join('\r\n') + '\r\n';
}

export const attribute = (sdp, name) => new RegExp(`^a=${name}:(.*)$`, 'm').exec(sdp)?.[1].trim();
export const sections = (sdp) => sdp.split(/\r?\n(?=m=)/).slice(1);

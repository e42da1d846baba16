// ice.ts: STUN and TURN servers that the market names in the Link headers of a WHIP or WHEP answer (RFC 9725 4.6): the way
// out of a network that lets no UDP through to the relay.

/** All ice-server links of a Link header (several headers come joined by commas); what does not fit is passed over. */
export function iceServers(link: string | null): RTCIceServer[] {
  const servers: RTCIceServer[] = [];
  for (const part of (link ?? '').split(/,\s*(?=<)/)) {
    const [, url, rest = ''] = /^\s*<((?:stun|turn)s?:[^>]+)>(.*)$/.exec(part) ?? [];
    if (!url) continue;
    const params = new Map([...rest.matchAll(/;\s*([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
    if (params.get('rel') !== 'ice-server') continue;
    const username = params.get('username'), credential = params.get('credential');
    servers.push(username && credential ? { urls: url, username, credential } : { urls: url });
  }
  return servers;
}

/** Before the local description is set: only then are candidates gathered, and from these servers too. */
export function useServers(pc: RTCPeerConnection, link: string | null): void {
  const servers = iceServers(link);
  if (servers.length) pc.setConfiguration({ ...pc.getConfiguration(), iceServers: servers });
}

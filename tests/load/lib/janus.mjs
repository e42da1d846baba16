// janus.mjs: a Janus of Debian's package, set up for one RTP mountpoint with our payload types, for comparison.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const http_port = 9588
const video_port = 9560
const audio_port = 9562

export const janus_url = (address) => `http://${address}:${http_port}/janus`
export const janus_rtp = (address) => `${address}:${video_port}:${audio_port}`

function library_folder() {
    for (const folder of fs.readdirSync('/usr/lib').map((f) => `/usr/lib/${f}/janus`))
        if (fs.existsSync(`${folder}/plugins/libjanus_streaming.so`)) return folder
    return null
}

// Janus leaves loopback out of its candidates, so a real interface is needed too.
const network_name = () =>
    Object.entries(os.networkInterfaces()).find(([, list]) => list.some((a) => !a.internal && a.family === 'IPv4'))?.[0]

export function janus_there() {
    try {
        execFileSync('which', ['janus'], { stdio: 'ignore' })
        return Boolean(library_folder() && network_name())
    } catch {
        return false
    }
}

// Writes the configuration into `folder`; then `janus -F folder`. One event loop: its best setting for one core. It is asked and
// fed at `address`, and sends from `device`.
export function janus_configure(folder, address, device = network_name()) {
    const lib = library_folder()
    const others = (what, keep) => fs.readdirSync(`${lib}/${what}`).filter((f) => f.endsWith('.so') && f !== keep).join(',')
    fs.mkdirSync(folder, { recursive: true })
    fs.writeFileSync(path.join(folder, 'janus.jcfg'), `
general: { configs_folder = "${folder}"
  plugins_folder = "${lib}/plugins"
  transports_folder = "${lib}/transports"
  events_folder = "${lib}/events"
  loggers_folder = "${lib}/loggers"
  debug_level = 2
  event_loops = 1
  session_timeout = 0
  admin_secret = "bench" }
media: { rtp_port_range = "20000-40000" }
nat: { ice_lite = true
  ice_enforce_list = "${device}" }
plugins: { disable = "${others('plugins', 'libjanus_streaming.so')}" }
transports: { disable = "${others('transports', 'libjanus_http.so')}" }
`)
    fs.writeFileSync(path.join(folder, 'janus.transport.http.jcfg'), `
general: { json = "compact"
  base_path = "/janus"
  http = true
  port = ${http_port}
  ip = "${address}"
  https = false }
admin: { admin_http = false }
`)
    fs.writeFileSync(path.join(folder, 'janus.plugin.streaming.jcfg'), `
bench: { type = "rtp"
  id = 1
  description = "bench"
  media = (
    { type = "audio", mid = "0", label = "voice", port = ${audio_port}, pt = 111, codec = "opus" },
    { type = "video", mid = "1", label = "rows", port = ${video_port}, pt = 96, codec = "h264",
      fmtp = "packetization-mode=1;profile-level-id=42e01f" } ) }
`)
}

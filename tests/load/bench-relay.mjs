// bench-relay.mjs: N viewers × profile, the relay and the limit taking turns so that a slow minute of the machine hits
// both; then medians, ratios, and the aims they are measured against.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { janus_configure, janus_rtp, janus_there, janus_url } from './lib/janus.mjs'
import { lay_cable } from './lib/cable.mjs'
import { json, machine, median, options, round, say, sleep, start, stop } from './lib/bench.mjs'

const o = options({
    bin: 'build/release/bin',
    viewers: '100,200,500,1000,2000',
    profiles: 'gcm,cm',
    seconds: 10,
    settle: 3,
    repeat: 1,
    rate: 200,
    decrypt: 3,
    short: false, // 200 and 1,000 viewers, GCM, five seconds: two minutes
    workers: 1,
    relay_core: '0', // "0,1" for several workers
    swarm_core: 1,
    udp_port: 9501,
    loss: 5,
    evp: false, // beside it the relay that seals by OpenSSL alone, as on a machine without libipsec-mb
    cable: '', // "card" or "soft": beside it over a cable (root), without what receiving costs; who cuts bursts up
    no_limit: false,
    no_whole: false, // without the turns in which viewers take bursts whole
    no_janus: false,
    janus_most: 200, // viewers: beyond, it cannot follow on one core and only takes time
    no_loss: false,
    keep_log: '',
})
if (o.short) Object.assign(o, { viewers: '200,1000', profiles: 'gcm', seconds: 5, no_loss: true, no_janus: true })
const counts = o.viewers.split(',').map(Number)
const profiles = o.profiles.split(',')
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-relay-'))
process.on('exit', () => fs.rmSync(work, { recursive: true, force: true }))

const children_of = (pid) => fs.readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => fs.readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean))

// The relay's children would share its core and its caches; they belong to the other side of the measurement.
async function move_children(pid, core) {
    for (let tries = 0; tries < 40; tries++) {
        let kids = ''
        try {
            for (const parent of [pid, ...children_of(pid)]) kids += ` ${children_of(parent).join(' ')}` // its nursery's are meant
        } catch {
            return
        }
        for (const kid of kids.split(' ').filter(Boolean)) await start('taskset', ['-acp', String(core), kid]).done
        await sleep(100)
    }
}

async function relay_run(viewers, profile, { extra = [], relay_extra = [], over, whole } = {}) {
    const socket = path.join(work, 'link.sock')
    const log = o.keep_log || path.join(work, 'relay.log')
    const swarm = json(
        path.join(o.bin, 'swarm'),
        ['--link', `unix:${socket}`, '--publish', '--viewers', viewers, '--profile', profile, '--rate', o.rate, '--duration',
            o.seconds, '--settle', o.settle, '--decrypt', o.decrypt, ...(whole ? ['--gro'] : []), ...extra].map(String),
        { core: o.swarm_core, inside: over?.inside },
    )
    await sleep(300)
    const relay = start(
        path.join(o.bin, 'relay'),
        ['--market', `unix:${socket}`, '--udp-port', o.udp_port, '--host', over?.near ?? '127.0.0.1', '--media', work, '--ingest',
            path.join(o.bin, 'ingest'), '--studio', path.join(o.bin, 'studio'), '--viewers', 5000, '--workers', o.workers, ...relay_extra].map(String),
        { core: o.relay_core, log },
    )
    const mover = move_children(relay.pid, o.swarm_core)
    try {
        const run = await swarm
        if (!run.error && run.connected === viewers) return run
        say(fs.readFileSync(log, 'utf8').split('\n').slice(-6).join('\n'))
        throw new Error(run.error ?? `${run.connected} of ${viewers} viewers connected`)
    } finally {
        await stop(relay)
        await mover
    }
}

async function safely(what, run) {
    try {
        return await run()
    } catch (e) {
        say(`${what}: ${e.message}`)
        return null
    }
}

const limit_run = (viewers, profile, { over, whole } = {}) =>
    json(path.join(o.bin, 'limit'), ['-n', viewers, '--profile', profile, '--seconds', Math.min(o.seconds, 5), '--core',
        o.relay_core.split(',')[0], '--reader-core', o.swarm_core, ...(whole ? ['--gro'] : []), ...(over ? ['--address', over.far, '--netns', over.space] : [])].map(String))

// What `limit` took for frames of five packets of 1,100 bytes, as fast as it went, on the machine that the figures asked for come
// from, µs a packet: the same run here tells how much slower this machine is.
const there = { gcm: 1.32, cm: 1.86 }
const yardstick_run = (profile) =>
    json(path.join(o.bin, 'limit'), ['-n', 200, '--profile', profile, '--frames', '--flat', '--seconds', 2, '--core',
        o.relay_core.split(',')[0], '--reader-core', o.swarm_core].map(String))

async function janus_run(viewers, profile, over) {
    const folder = path.join(work, 'janus'), address = over?.near ?? '127.0.0.1'
    janus_configure(folder, address, over?.device)
    const janus = start('janus', ['-F', folder], { core: o.relay_core, log: path.join(work, 'janus.log') })
    try {
        await sleep(2500)
        return await json(
            path.join(o.bin, 'swarm'),
            ['--janus', janus_url(address), '--rtp', janus_rtp(address), '--viewers', viewers, '--profile', profile, '--rate', 50,
                '--duration', o.seconds, '--settle', o.settle, '--decrypt', 0, '--pid', janus.pid].map(String),
            { core: o.swarm_core, inside: over?.inside },
        )
    } finally {
        await stop(janus)
    }
}

const cable = o.cable ? lay_cable(o.swarm_core, o.cable === 'card') : null
const with_janus = !o.no_janus && janus_there()
const small = (viewers) => with_janus && viewers <= o.janus_most

// Who takes turns, in this order: name in a cell, whether at all, how.
const turns = [
    ['relay', () => true, (n, profile) => relay_run(n, profile)],
    ['evp', () => o.evp, (n, profile) => relay_run(n, profile, { relay_extra: ['--evp'] })],
    ['limit', () => !o.no_limit, (n, profile) => limit_run(n, profile)],
    ['yardstick', () => !o.no_limit, (_, profile) => yardstick_run(profile)],
    ['whole_relay', () => !o.no_whole, (n, profile) => relay_run(n, profile, { whole: true })],
    ['whole_limit', () => !o.no_whole && !o.no_limit, (n, profile) => limit_run(n, profile, { whole: true })],
    ['janus', small, (n, profile) => janus_run(n, profile)],
    ['cable_relay', () => cable, (n, profile) => relay_run(n, profile, { over: cable })],
    ['cable_limit', () => cable && !o.no_limit, (n, profile) => limit_run(n, profile, { over: cable })],
    ['cable_janus', (n) => cable && small(n), (n, profile) => janus_run(n, profile, cable)],
]

async function measure() {
    const cells = counts.flatMap((viewers) => profiles.map((profile) =>
        ({ viewers, profile, ...Object.fromEntries(turns.map(([name]) => [name, []])) })))
    for (let turn = 0; turn < o.repeat; turn++)
        for (const cell of cells) {
            say(`${cell.viewers} ${cell.profile}, turn ${turn + 1} of ${o.repeat}`)
            for (const [name, takes_part, run] of turns) {
                const got = takes_part(cell.viewers) ? await safely(name, () => run(cell.viewers, cell.profile)) : null
                if (got && (got.connected ?? cell.viewers) === cell.viewers) cell[name].push(got)
            }
        }
    return cells
}

// CPU of one that took turns; the limit's is its own, the others' is taken from /proc by the swarm.
const cost_of = (runs) => median(runs.map((r) => r.us_per_packet ?? r.relay?.us_per_packet))

/** The same once more where the viewers' receiving costs the sender less: `way` is whole or cable. */
function beside(cell, way) {
    const runs = cell[`${way}_relay`], cost = cost_of(runs), limit = cost_of(cell[`${way}_limit`]), janus = cell[`${way}_janus`] ?? []
    return runs.length ? {
        us_per_packet: round(cost),
        limit_us_per_packet: round(limit),
        janus_us_per_packet: round(cost_of(janus)),
        times_limit: limit ? round(cost / limit) : null,
        janus_times_ours: janus.length ? round(cost_of(janus) / cost) : null,
        gap_percent: round(median(runs.map((r) => r.media.gap_permille / 10)), 4),
        spread: [Math.min, Math.max].map((f) => round(f(...runs.map((r) => r.relay.us_per_packet)))),
    } : null
}

function row(cell) {
    const { viewers, profile, relay: runs, evp, limit: limits, janus } = cell
    const of = (pick) => median(runs.map(pick))
    const cost = cost_of(runs), limit = cost_of(limits)
    const slower = cost_of(cell.yardstick) / there[profile] || null
    return {
        viewers,
        profile,
        runs: runs.length,
        connected: of((r) => r.connected),
        us_per_packet: round(cost),
        evp_us_per_packet: round(cost_of(evp)),
        limit_us_per_packet: round(limit),
        janus_us_per_packet: round(cost_of(janus)),
        janus_rss_kb_per_viewer: round(median(janus.map((j) => j.relay.rss_kb_per_viewer)), 0),
        times_limit: limit ? round(cost / limit) : null,
        machine_slower: round(slower),
        us_per_packet_there: slower ? round(cost / slower) : null,
        janus_times_ours: janus.length ? round(cost_of(janus) / cost) : null,
        whole: beside(cell, 'whole'),
        cable: beside(cell, 'cable'),
        cpu_percent: round(of((r) => r.relay?.cpu_percent), 1),
        viewers_per_core: cost ? Math.floor(1e6 / cost / of((r) => r.media.packets_per_s_per_viewer)) : null,
        rss_kb_per_viewer: round(of((r) => r.relay?.rss_kb_per_viewer), 1),
        threads: of((r) => r.relay?.threads),
        gap_percent: round(of((r) => r.media.gap_permille / 10), 4),
        worst_gap_percent: round(of((r) => r.media.worst_gap_permille / 10), 3),
        least_gap_percent: round(of((r) => r.media.least_gap_permille / 10), 3),
        starved: of((r) => r.media.starved),
        joins_per_s: round(of((r) => r.join.per_s), 1),
        join_ms_cpu: round(of((r) => r.relay?.join_ms_cpu), 3),
        first_media_ms: { p50: round(of((r) => r.join.first_media_ms.p50), 1), p95: round(of((r) => r.join.first_media_ms.p95), 1) },
        delay_ms: { p50: round(of((r) => r.checked?.delay_ms.p50)), p99: round(of((r) => r.checked?.delay_ms.p99)) },
        lip_skew_ms: round(of((r) => r.checked?.lip_skew_ms.p50), 1),
        checked: {
            opened: of((r) => r.checked?.opened),
            not_authentic: of((r) => r.checked?.not_authentic),
            time_breaks: of((r) => r.checked?.time_breaks),
            began_with_key: of((r) => r.checked?.began_with_key),
            viewers: of((r) => r.checked?.viewers),
        },
        keys_asked: of((r) => r.publisher?.keys_asked),
    }
}

function aims(rows, lossy) {
    const list = []
    const aim = (name, got, most) =>
        got !== undefined && got !== null && list.push({ name, got, at_most: most, met: got <= most })
    for (const r of rows) {
        const name = `${r.viewers} viewers, ${r.profile}`
        const most = r.profile === 'gcm' ? 2.5 : 3.3 // where the bare limit is 1.13 and 1.77: on a slower machine the ratio tells
        if (r.viewers === 200 || r.viewers === 1000) {
            aim(`CPU µs per packet, ${name}, loopback with its receiving`, r.us_per_packet, most)
            aim(`CPU µs per packet, ${name}, loopback, reckoned for the machine of the figures`, r.us_per_packet_there, most)
            aim(`times the bare limit, ${name}`, r.times_limit, r.profile === 'gcm' ? 2.2 : 1.9)
            aim(`CPU µs per packet, ${name}, loopback, bursts taken whole`, r.whole?.us_per_packet, most)
            aim(`CPU µs per packet, ${name}, over a cable (${o.cable})`, r.cable?.us_per_packet, most)
        }
        if (r.viewers === 2000) aim(`sequence gaps in percent, ${name}`, r.gap_percent, 0.1)
        if (r.viewers >= 500) aim(`kB a viewer, ${name}`, r.rss_kb_per_viewer, 40)
        if (r.viewers === 200) aim(`POST to first packet p95 ms, ${name}`, r.first_media_ms.p95, 60)
    }
    for (const l of lossy) aim(`video missing at ${o.loss} % loss with NACK, percent, ${l.repair}`, l.residual_percent, 0.5)
    return list
}

// 50 viewers who lose 5 %: in band, then by RTX.
async function lossy_runs() {
    const rows = []
    for (const [repair, flags] of [['in band', []], ['rtx', ['--rtx']]]) {
        const run = await safely('loss', () => relay_run(50, 'gcm', { extra: ['--loss', String(o.loss), ...flags] }))
        if (run)
            rows.push({
                repair,
                dropped: run.loss.dropped,
                repaired: run.loss.repaired,
                in_rtx: run.loss.in_rtx,
                residual_percent: run.loss.video_residual_percent,
            })
    }
    return rows
}

const before = machine()
const rows = (await measure()).map(row)
const lossy = o.no_loss ? [] : await lossy_runs()
const list = aims(rows, lossy)
console.log(JSON.stringify({ machine: before, workers: o.workers, stream: 'H.264 640x360@25 900 kb/s + Opus: 177 packets/s', rows, lossy, aims: list }, null, 2))
process.exit(rows.every((r) => r.runs > 0) ? 0 : 1)

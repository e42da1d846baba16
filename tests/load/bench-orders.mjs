// bench-orders.mjs: for each door starts a market of its own without relay, puts lots on sale, and lets `orders` buy; then gives
// the database to `sqlite-raw`, which writes that door's rows in that door's batches on the same disk. So both begin with an
// empty book, and neither pays for what another door has left there.
import fs from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import os from 'node:os'
import path from 'node:path'
import { json, machine, median, options, round, say, sleep, start, stop } from './lib/bench.mjs'

const o = options({
    bin: 'build/release/bin',
    dir: '', // where the database lives: the disk that is measured
    web: 'build/web',
    port: 9520,
    metrics_port: 9521,
    connections: 256,
    depth: 8, // calls under way on each WebSocket
    seconds: 8,
    rate: 0, // orders a second of the open loop; 0: half of what the door took flat out
    lots: 20,
    buyers: 10000, // of the race
    kilograms: 50,
    repeat: 1,
    no_ws: false,
    no_race: false,
})
const work = fs.mkdtempSync(path.join(o.dir || os.tmpdir(), 'bench-orders-'))
process.on('exit', () => fs.rmSync(work, { recursive: true, force: true }))
const origin = `https://127.0.0.1:${o.port}`

function request(method, where, body, token) {
    return new Promise((resolve, reject) => {
        const text = body === undefined ? '' : JSON.stringify(body)
        const req = https.request(origin + where, {
            method,
            rejectUnauthorized: false,
            headers: {
                ...(text && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
                ...(token && { Authorization: `Bearer ${token}` }),
            },
        })
        req.on('error', reject)
        req.on('response', (res) => {
            let all = ''
            res.on('data', (d) => (all += d))
            res.on('end', () => {
                if (res.statusCode >= 300) reject(new Error(`${method} ${where}: ${res.statusCode} ${all}`))
                else resolve(all ? JSON.parse(all) : null)
            })
        })
        req.end(text)
    })
}

// The market's own count of commits and of the commands in them, to give sqlite-raw transactions of the same size.
function batches() {
    return new Promise((resolve) => {
        const req = http.get({ host: '127.0.0.1', port: o.metrics_port, path: '/metrics' }, (res) => {
            let all = ''
            res.on('data', (d) => (all += d))
            res.on('end', () => {
                const of = (name) => Number(all.match(new RegExp(`^${name} (\\d+)`, 'm'))?.[1])
                resolve({ commits: of('desk_batches_total'), commands: of('desk_batched_commands_total') })
            })
        })
        req.on('error', () => resolve({ commits: 0, commands: 0 }))
    })
}

const key = () => `bench-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 12)}`

async function start_market(data) {
    const market = start(
        path.join(o.bin, 'market'),
        ['serve', '--data', data, '--port', o.port, '--relay', 'none', '--demo', '--metrics', `127.0.0.1:${o.metrics_port}`, ...(fs.existsSync(o.web) ? ['--web', o.web] : [])].map(String),
        { log: path.join(work, 'market.log') },
    )
    for (let tries = 0; tries < 300 && !market.text.includes('ready '); tries++) {
        if (market.exitCode !== null) break
        await sleep(100)
    }
    if (!market.text.includes('ready ')) throw new Error(`the market did not start: ${tail()}`)
    return market
}
const tail = () => fs.readFileSync(path.join(work, 'market.log'), 'utf8').split('\n').slice(-6).join('\n')

async function add_lot(demo, amount) {
    const { lot } = await request('POST', `/api/v1/stalls/${demo.stall}/lots`,
        { name: 'Rau cải', unit: 'kg', price: 20000, amount, key: key() }, demo.tokens.farmer)
    return lot
}
const lot_list = (lots) => lots.map((l) => `${l.id}:${l.price}`).join(',')

async function buy(demo, lots, extra) {
    return json(path.join(o.bin, 'orders'),
        ['--url', origin, '--stall', demo.stall, '--lots', lot_list(lots), '--seconds', o.seconds, '--connections', o.connections,
            '--seed', Math.floor(Math.random() * 1e6), ...extra].map(String))
}

function pick(run) {
    return {
        orders_per_s: round(run.placed_per_s, 0),
        p50_ms: run.latency_ms.p50,
        p99_ms: run.latency_ms.p99,
        statuses: run.statuses,
        unanswered: run.unanswered,
    }
}

// As fast as answered, then an open loop at half of that (or at --rate).
async function door(demo, lots, extra) {
    const before = await batches()
    const full = await buy(demo, lots, extra)
    const after = await batches()
    const orders_per_commit = round((after.commands - before.commands) / (after.commits - before.commits), 1)
    const half = await buy(demo, lots, [...extra, '--rate', o.rate || Math.max(1, Math.round(full.placed_per_s / 2))])
    return { full: { ...pick(full), orders_per_commit }, half: pick(half) }
}

const ways = () => ({ https: [], https_one_lot: ['--hot', 0.9], ...(o.no_ws ? {} : { ws: [], ws_one_lot: ['--hot', 0.9] }) })
const doors = () => Object.keys(ways())

// The rows of the door's full run without a server, in transactions as large as its were: small ones cost SQLite more for each row.
async function beside(door, data) {
    say('sqlite alone')
    const batch = Math.max(1, Math.round(door.full.orders_per_commit) || 1)
    door.sqlite_raw = await json(path.join(o.bin, 'sqlite-raw'), ['--database', path.join(data, 'market.db'), '--batch', batch, '--limit', door.full.statuses[201]].map(String))
    door.share_of_raw = round(door.full.orders_per_s / door.sqlite_raw.orders_per_s)
}

async function race(demo) {
    const lot = await add_lot(demo, o.kilograms * 1000)
    const run = await buy(demo, [lot], ['--count', o.buyers, '--quantity', 500, '--fresh'])
    const after = await request('GET', `/api/v1/stalls/${demo.stall}`)
    const left = after.lots.find((l) => l.id === lot.id)?.available
    const answered = Object.values(run.statuses).reduce((a, b) => a + b, 0) - (run.statuses.broken ?? 0)
    return {
        buyers: o.buyers,
        kilograms: o.kilograms,
        sold_kilograms: run.sold / 1000,
        left_kilograms: left / 1000,
        answered,
        statuses: run.statuses,
        seconds: run.seconds,
        exact: run.sold === o.kilograms * 1000 && left === 0 && answered === o.buyers && run.unanswered === 0,
    }
}

// Calls `use` with the demo of a market that has nothing but the demo in it; `after` gets its data directory once it has stopped.
async function with_market(name, use, after) {
    const data = path.join(work, `data-${name}`)
    fs.mkdirSync(data)
    const market = await start_market(data)
    let result
    try {
        result = await use(JSON.parse(fs.readFileSync(path.join(data, 'demo.json'), 'utf8')))
    } finally {
        const end = await stop(market, 15000)
        if (end.code !== 0) say(`the market ended with ${end.code ?? end.signal}: ${tail()}`)
    }
    await after?.(result, data)
    fs.rmSync(data, { recursive: true, force: true })
    return result
}

async function turn(number) {
    const result = {}
    for (const [name, how] of Object.entries(ways())) {
        say(name)
        result[name] = await with_market(`${number}-${name}`, async (demo) => {
            const lots = []
            for (let i = 0; i < o.lots; i++) lots.push(await add_lot(demo, 1_000_000_000))
            return door(demo, lots, [...(name.startsWith('ws') ? ['--ws', '--depth', o.depth, '--token', demo.tokens.buyer] : []), ...how])
        }, beside)
    }
    if (!o.no_race) {
        say('race')
        result.race = await with_market(`${number}-race`, race)
    }
    return result
}

const before = machine()
const turns = []
for (let i = 0; i < o.repeat; i++) turns.push(await turn(i))
const of = (f) => median(turns.map(f))
// Of the doors with the buyers spread, or with most of them on one lot: the better door's rate, and the slower one's wait.
const highest = (kind, f) => Math.max(...doors().filter((name) => name.endsWith('one_lot') === (kind === 'one lot')).map((name) => of((t) => f(t[name]))))
const aims = [
    { name: 'durable orders a second', got: highest('spread', (d) => d.full.orders_per_s), at_least: 10000 },
    { name: 'durable orders a second, 90 % on one lot', got: highest('one lot', (d) => d.full.orders_per_s), at_least: 10000 },
    { name: 'p99 ms at half load, the slower door', got: highest('spread', (d) => d.half.p99_ms), at_most: 30 },
    { name: 'p99 ms at half load, 90 % on one lot, the slower door', got: highest('one lot', (d) => d.half.p99_ms), at_most: 30 },
    { name: 'share of raw SQLite in the same batches', got: highest('spread', (d) => d.share_of_raw), at_least: 0.5 },
    { name: 'share of raw SQLite in the same batches, 90 % on one lot', got: highest('one lot', (d) => d.share_of_raw), at_least: 0.5 },
    ...(o.no_race ? [] : [{ name: 'races that sold exactly what there was and answered everyone', got: turns.filter((t) => t.race.exact).length, at_least: turns.length }]),
].map((a) => ({ ...a, met: a.at_least !== undefined ? a.got >= a.at_least : a.got <= a.at_most }))
console.log(JSON.stringify({ machine: before, turns, aims }, null, 2))
process.exit(turns.every((t) => o.no_race || t.race.exact) ? 0 : 1)

// bench.mjs: what the bench scripts share: options, processes that never outlive us, JSON from child programs.
import { spawn } from 'node:child_process'
import { cpus, release } from 'node:os'
import fs from 'node:fs'

const children = new Set()
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))
process.on('exit', () => children.forEach((c) => c.kill('SIGKILL')))

export const say = (...words) => console.error('bench:', ...words)
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

// "--name value" and "--flag"; `standard` names all that exist.
export function options(standard) {
    const o = { ...standard }
    const args = process.argv.slice(2)
    while (args.length) {
        const name = args.shift().replace(/^--/, '').replaceAll('-', '_')
        if (!(name in standard)) {
            say(`unknown option; there are: ${Object.keys(standard).map((k) => `--${k.replaceAll('_', '-')}`).join(' ')}`)
            process.exit(2)
        }
        o[name] = standard[name] === false ? true : typeof standard[name] === 'number' ? Number(args.shift()) : args.shift()
    }
    return o
}

// Starts a program; `core` pins it, `inside` are words before its own ("ip netns exec NAME"). stdout is gathered, stderr goes to
// `log` (a path) or is inherited.
export function start(command, args, { core = -1, log, env, inside = [] } = {}) {
    const pinned = core === -1 ? [] : ['taskset', '-c', String(core)] // a number, or a list as taskset takes it
    const err = log ? fs.openSync(log, 'a') : 'inherit'
    const [first, ...rest] = [...inside, ...pinned, command, ...args]
    const child = spawn(first, rest, {
        stdio: ['ignore', 'pipe', err],
        env: { ...process.env, ...env },
    })
    if (log) fs.closeSync(err)
    children.add(child)
    child.text = ''
    child.stdout.on('data', (d) => (child.text += d))
    child.done = new Promise((resolve) => {
        child.on('error', (e) => resolve({ code: -1, error: e.message }))
        child.on('close', (code, signal) => {
            children.delete(child)
            resolve({ code, signal })
        })
    })
    return child
}

export async function stop(child, ms = 8000) {
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), ms)
    const end = await child.done
    clearTimeout(timer)
    return end
}

// Runs to the end and reads one JSON object from stdout; throws when there is none.
export async function json(command, args, how) {
    const child = start(command, args, how)
    const end = await child.done
    try {
        return { ...JSON.parse(child.text), exit: end.code }
    } catch {
        throw new Error(`${command} ${args.join(' ')} ended with ${end.code ?? end.signal ?? end.error} and printed no JSON`)
    }
}

export const median = (values) => {
    const v = values.filter((x) => Number.isFinite(x)).sort((a, b) => a - b)
    return v.length ? v[Math.floor((v.length - 1) / 2)] : null
}
export const round = (x, digits = 2) => (x === null || !Number.isFinite(x) ? null : Number(x.toFixed(digits)))

export function machine() {
    return {
        cpu: cpus()[0]?.model ?? 'unknown',
        cores: cpus().length,
        kernel: release(),
        load_before: Number(fs.readFileSync('/proc/loadavg', 'utf8').split(' ')[0]),
        at: new Date().toISOString(),
    }
}

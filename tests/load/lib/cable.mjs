// cable.mjs: a network cable in place of loopback, so that a sender pays what sending costs and nothing of what receiving costs. On
// loopback the kernel puts every packet into its receiver's socket in the sender's own system call. Here the far end of a veth pair, a
// network namespace of its own, takes its packets in on the core named (RPS, Documentation/networking/scaling.rst). Bursts are cut up
// behind the sender, as by a card with UDP segmentation offload, or in software by the sender's core. Root only; Debian's iproute2 and
// ethtool.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'

const near = '10.97.0.1', far = '10.97.0.2', bits = 24

/** Lays the cable until this process ends; throws where that is not allowed. `offload`: the card cuts bursts up. */
export function lay_cable(core, offload) {
    const space = `cho-nuong-${process.pid}`, device = `cn${process.pid}`, other = 'far'
    const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] })
    ip('netns', 'add', space)
    process.on('exit', () => ip('netns', 'del', space)) // takes both ends of the cable with it
    ip('link', 'add', device, 'type', 'veth', 'peer', 'name', other, 'netns', space)
    ip('address', 'add', `${near}/${bits}`, 'dev', device)
    ip('link', 'set', device, 'up')
    ip('-n', space, 'address', 'add', `${far}/${bits}`, 'dev', other)
    ip('-n', space, 'link', 'set', other, 'up')
    ip('-n', space, 'link', 'set', 'lo', 'up')
    execFileSync('ethtool', ['-K', device, 'tx-udp-segmentation', offload ? 'on' : 'off'])
    const queue = `/sys/class/net/${other}/queues/rx-0/rps_cpus`
    execFileSync('ip', ['netns', 'exec', space, 'sh', '-c', `echo ${(1 << core).toString(16)} > ${queue}`])
    return { near, far, device, space: `/run/netns/${space}`, inside: ['ip', 'netns', 'exec', space] }
}

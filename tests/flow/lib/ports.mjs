// ports.mjs: free port numbers for one stack. TEST_PORTS=FROM-TO keeps them in a range (several people on one machine).
import { createServer } from 'node:net';
import { createSocket } from 'node:dgram';
import { randomInt } from 'node:crypto';

const [from, to] = (process.env.TEST_PORTS ?? '20000-29999').split('-').map(Number);

const tcpFree = (port) =>
    new Promise((resolve) => {
        const server = createServer().once('error', () => resolve(false));
        server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
    });

const udpFree = (port) =>
    new Promise((resolve) => {
        const socket = createSocket('udp4').once('error', () => resolve(false));
        socket.bind(port, '0.0.0.0', () => socket.close(() => resolve(true)));
    });

/** `run`: so many numbers in a row, all free, and on TCP too; gives the first. */
export async function freePort(kind, { run = 1 } = {}) {
    for (let tries = 0; tries < 200; tries++) {
        const port = randomInt(from, to + 2 - run);
        const numbers = Array.from({ length: run }, (_, i) => port + i);
        const free = (n) => (kind === 'udp' ? udpFree(n) : tcpFree(n));
        const all = await Promise.all(numbers.map(async (n) => (await free(n)) && (run === 1 || (await tcpFree(n)))));
        if (all.every(Boolean)) return port;
    }
    throw new Error(`no free ${kind} port in ${from}-${to}`);
}

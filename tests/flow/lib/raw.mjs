// raw.mjs: bytes on a TLS connection, for requests that no client library would send.
import { connect } from 'node:tls';

/** Sends `text` (CRLF yours to write) and collects what comes until the far end closes, `enough(answer)` says so, or `ms` pass. */
export function raw(port, text, { enough = complete, ms = 10000, alpn = ['http/1.1'] } = {}) {
    return new Promise((resolve, reject) => {
        const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false, ALPNProtocols: alpn });
        const parts = [];
        let closed = false;
        const finish = () => {
            clearTimeout(timer);
            socket.destroy();
            const answer = Buffer.concat(parts).toString('latin1');
            resolve({ answer, status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? 0), closed, alpn: socket.alpnProtocol });
        };
        const timer = setTimeout(finish, ms);
        socket.on('secureConnect', () => socket.write(text));
        socket.on('data', (part) => {
            parts.push(part);
            if (enough(Buffer.concat(parts).toString('latin1'))) finish();
        });
        socket.on('close', () => { closed = true; finish(); });
        socket.on('error', (error) => {
            if (parts.length > 0 || error.code === 'ECONNRESET' || error.code === 'EPIPE') { closed = true; finish(); }
            else { clearTimeout(timer); reject(error); }
        });
    });
}

/** Is the first answer there with all of its body? */
export function complete(answer) {
    const end = answer.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const length = /^content-length: *(\d+)/im.exec(answer.slice(0, end))?.[1];
    if (length !== undefined) return answer.length >= end + 4 + Number(length);
    return /^HTTP\/1\.[01] (1\d\d|204|304)/.test(answer);
}

/** The headers of the first answer, names in lower case. */
export function headersOf(answer) {
    const lines = answer.slice(0, answer.indexOf('\r\n\r\n')).split('\r\n').slice(1);
    return Object.fromEntries(lines.map((l) => [l.slice(0, l.indexOf(':')).toLowerCase(), l.slice(l.indexOf(':') + 1).trim()]));
}

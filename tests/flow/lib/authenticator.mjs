// authenticator.mjs: the app on an office person's phone, by RFC 6238 (SHA-1, six digits, 30 s).
import { createHmac } from 'node:crypto';
import { until } from './until.mjs';

const STEP_MS = 30_000;
const SYMBOLS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function bytesOf(secret) {
    const bits = [...secret.replace(/\s/g, '')].map((c) => SYMBOLS.indexOf(c).toString(2).padStart(5, '0')).join('');
    return Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
}

export class Authenticator {
    /** `secret`: base32, as a page shows it or within an otpauth URI. */
    constructor(secret) {
        this.key = bytesOf(secret);
        this.last = 0;
    }

    static of(uri) { return new Authenticator(new URL(uri).searchParams.get('secret')); }

    at(step) {
        const counter = Buffer.alloc(8);
        counter.writeBigUInt64BE(BigInt(step));
        const hash = createHmac('sha1', this.key).update(counter).digest(), from = hash[19] & 15;
        return String((hash.readUInt32BE(from) & 0x7fffffff) % 1_000_000).padStart(6, '0');
    }

    /** A code that was not used yet and is good for half a minute at least; waits when the market has seen all there are by now. */
    async fresh() {
        const now = () => Math.floor(Date.now() / STEP_MS);
        const step = Math.max(this.last + 1, now());
        await until('the next code', () => step <= now() + 1);
        this.last = step;
        return this.at(step);
    }

    /** One that is of no step near now. */
    wrong() {
        const now = Math.floor(Date.now() / STEP_MS), near = new Set();
        for (let step = now - 10; step <= now + 10; step++) near.add(this.at(step));
        for (let n = 0; ; n++) {
            const code = String(n).padStart(6, '0');
            if (!near.has(code)) return code;
        }
    }
}

// processes.mjs: the process tree below a program, read from /proc.
import { readdirSync, readFileSync } from 'node:fs';

function read(path) {
    try {
        return readFileSync(path, 'utf8');
    } catch {
        return '';
    }
}

/** Every process of the machine, the oldest first, for numbers begin anew at the machine's largest: {pid, parent, name, state, started, args}. */
function everything() {
    const list = [];
    for (const entry of readdirSync('/proc')) {
        if (!/^\d+$/.test(entry)) continue;
        const stat = read(`/proc/${entry}/stat`);
        const close = stat.lastIndexOf(')');
        if (close < 0) continue;
        const [state, parent, ...rest] = stat.slice(close + 2).split(' ');
        const name = stat.slice(stat.indexOf('(') + 1, close);
        list.push({ pid: Number(entry), parent: Number(parent), name, state, started: Number(rest[17]), args: read(`/proc/${entry}/cmdline`).split('\0') });
    }
    return list.sort((a, b) => a.started - b.started);
}

/** The living descendants of `root`, without it. */
export function descendants(root) {
    const all = everything().filter((p) => p.state !== 'Z');
    const found = [];
    const queue = [root];
    while (queue.length > 0) {
        const parent = queue.shift();
        for (const p of all) {
            if (p.parent === parent) {
                found.push(p);
                queue.push(p.pid);
            }
        }
    }
    return found;
}

/** Processes that carry `marker` in their environment, whoever their parent is now. */
export function marked(marker) {
    return everything().filter((p) => p.state !== 'Z' && read(`/proc/${p.pid}/environ`).includes(marker));
}

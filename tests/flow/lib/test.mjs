// test.mjs: node's test, with a deadline for each so that a hang is a failure with a name.
import nodeTest, { after, before, describe } from 'node:test';

export { after, before, describe };

export function test(name, run, { ms = 120000 } = {}) {
    return nodeTest(name, { timeout: ms }, run);
}

/** Figures a test measured, for the log: one line of JSON. */
export function figure(name, value) {
    console.error(`figure ${JSON.stringify({ [name]: value })}`);
}

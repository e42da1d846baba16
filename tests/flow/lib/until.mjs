// until.mjs: waiting for conditions. Tests never sleep and hope: they poll with a generous deadline.

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Polls `probe` until it gives something truthy and returns that. An error thrown by the probe counts as "not yet". */
export async function until(what, probe, { ms = 60000, every = 50 } = {}) {
    const deadline = Date.now() + ms;
    let last;
    for (;;) {
        try {
            const value = await probe();
            if (value) return value;
            last = undefined;
        } catch (error) {
            last = error;
        }
        if (Date.now() > deadline) {
            throw new Error(`${what}: not within ${ms / 1000} s${last ? ` (last: ${last.message})` : ''}`);
        }
        await sleep(every);
    }
}

// proof.ts: the market asks for the password again before money moves. Whoever draws the question registers here, so
// that asking the market (api.ts) knows no page. One question at a time: who asks meanwhile waits for the same answer.

type Asker = () => Promise<boolean>;

let asker: Asker | null = null;
let asking: Promise<boolean> | null = null;

/** `ask` gives true once the market took the password, false when the person would not say. */
export function onPasswordAgain(ask: Asker | null): void {
  asker = ask;
}

/** False at once on pages that cannot ask. */
export function passwordAgain(): Promise<boolean> {
  if (!asker) return Promise.resolve(false);
  asking ??= asker().finally(() => { asking = null; });
  return asking;
}

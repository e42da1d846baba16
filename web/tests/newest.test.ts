import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Newest } from '../shared/newest.ts';

/** A market that answers when it is told to. */
function slow() {
  const asked: { answer(value: string): void; refuse(why: Error): void }[] = [];
  const newest = new Newest(() => new Promise<string>((answer, refuse) => { asked.push({ answer, refuse }); }));
  return { asked, newest };
}
const settle = () => new Promise<void>((done) => setTimeout(done, 0));

describe('what is asked for again and again', () => {
  test('an answer that a receipt has overtaken is not shown, but asked for once more', async () => {
    const { asked, newest } = slow();
    const shown = newest.ask();
    newest.heard();
    asked[0]!.answer('waiting');
    await settle();
    assert.equal(asked.length, 2);
    asked[1]!.answer('delivered');
    assert.equal(await shown, 'delivered');
  });
  test('who asks while a request is under way gets what is true after that, and there is one request at a time', async () => {
    const { asked, newest } = slow();
    const both = [newest.ask(), newest.ask()];
    assert.equal(asked.length, 1);
    asked[0]!.answer('old');
    await settle();
    asked[1]!.answer('new');
    assert.deepEqual(await Promise.all(both), ['new', 'new']);
    const later = newest.ask();
    assert.equal(asked.length, 3);
    asked[2]!.answer('newer');
    assert.equal(await later, 'newer');
  });
  test('a line on which something is always new shows what it has after three tries', async () => {
    const { asked, newest } = slow();
    const shown = newest.ask();
    for (let i = 0; i < 3; i++) {
      newest.heard();
      asked[i]!.answer(`try ${i + 1}`);
      await settle();
    }
    assert.equal(await shown, 'try 3');
  });
  test('a refusal ends it, and the next one asks anew', async () => {
    const { asked, newest } = slow();
    const shown = newest.ask();
    asked[0]!.refuse(new Error('offline'));
    await assert.rejects(shown, /offline/);
    const again = newest.ask();
    asked[1]!.answer('here');
    assert.equal(await again, 'here');
  });
});

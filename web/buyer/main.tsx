// main.tsx: start of the buyer's pages: the list of stalls, one stall, one order.
import { render } from 'preact';
import { keepPage } from '../shared/keeper.ts';
import { firstState, pathPart } from '../shared/page.ts';
import { loadLanguage } from '../shared/text.ts';
import { Home } from './home.tsx';
import { Nowhere } from './nowhere.tsx';
import { OrderPage } from './order-page.tsx';
import { StallPage } from './stall.tsx';
import { Watcher } from './watcher.ts';

async function start(): Promise<void> {
  const root = document.getElementById('app')!;
  const page = document.body.dataset.page;
  const slug = pathPart();
  if (page === 'stall') {
    const { snapshot: first, refusal } = firstState();
    if (refusal) {
      await loadLanguage();
      render(<Nowhere code={refusal} />, root);
      return;
    }
    const watcher = new Watcher(slug, first);      // the video's way is the longest: it starts before anything is drawn
    await loadLanguage();
    render(<StallPage slug={slug} first={first} watcher={watcher} />, root);
    return;
  }
  await loadLanguage();
  if (page === 'order') {
    render(<OrderPage code={slug} />, root);
    void keepPage('/orders/');
  } else render(<Home first={firstState().stalls} />, root);
}

void start();

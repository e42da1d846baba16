// main.tsx: start of the buyer's pages: the list of stalls, one stall, one order.
import { render } from 'preact';
import { keepPage, keepPageLater, keptAt } from '../shared/keeper.ts';
import { firstState, pathPart } from '../shared/page.ts';
import { loadLanguage } from '../shared/text.ts';
import { Home } from './home.tsx';
import { Nowhere } from './nowhere.tsx';
import { OrderPage } from './order-page.tsx';
import { StallPage } from './stall.tsx';
import { firstOf } from './stall-kept.ts';
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
    const { snap, oldAt } = firstOf(slug, first, keptAt());
    const watcher = new Watcher(slug, snap);      // the video's way is the longest: it starts before anything is drawn
    await loadLanguage();
    render(<StallPage slug={slug} first={snap} oldAt={oldAt} watcher={watcher} />, root);
    if (!snap?.mine) keepPageLater('/');
    return;
  }
  await loadLanguage();
  if (page === 'order') {
    render(<OrderPage code={slug} />, root);
    void keepPage('/orders/');
  } else {
    render(<Home first={firstState().stalls} oldAt={keptAt()} />, root);
    void keepPage('/');
  }
}

void start();

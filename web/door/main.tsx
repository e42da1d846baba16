// main.tsx: start of the two pages that let people in.
import { render } from 'preact';
import { pathPart } from '../shared/page.ts';
import { loadLanguage } from '../shared/text.ts';
import { LinkPage } from './link.tsx';
import { LoginPage } from './login.tsx';

void loadLanguage().then(() => {
  const root = document.getElementById('app')!;
  render(document.body.dataset.page === 'link' ? <LinkPage code={pathPart()} /> : <LoginPage />, root);
});

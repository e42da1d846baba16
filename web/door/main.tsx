// main.tsx: start of the pages that let people in.
import { render } from 'preact';
import { pathPart } from '../shared/page.ts';
import { loadLanguage } from '../shared/text.ts';
import { askPasswordHere } from '../shared/ui/password.tsx';
import { FactorPage } from './factor.tsx';
import { LinkPage } from './link.tsx';
import { LoginPage } from './login.tsx';

void loadLanguage().then(() => {
  const root = document.getElementById('app')!;
  const { page } = document.body.dataset;
  if (page === 'factor') askPasswordHere();
  render(page === 'factor' ? <FactorPage /> : page === 'link' ? <LinkPage code={pathPart()} /> : <LoginPage />, root);
});

// wish.ts: the farmer pressed "go" and has not pressed "stop". Kept with the tab, so that a reload or a phone that threw
// the page out of memory in the middle of a session streams again by itself.

export class Wish {
  private readonly name: string;

  constructor(slug: string) {
    this.name = `cx.golive.${slug}`;
  }

  get on(): boolean {
    try {
      return sessionStorage.getItem(this.name) === '1';
    } catch {
      return false;
    }
  }

  set on(wish: boolean) {
    try {
      if (wish) sessionStorage.setItem(this.name, '1');
      else sessionStorage.removeItem(this.name);
    } catch { /* blocked: then a reload needs one more tap */ }
  }
}

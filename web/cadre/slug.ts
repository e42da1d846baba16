// slug.ts: a stall's address from its name: "Vườn bà Mẩy – Khe Nhinh" → "vuon-ba-may-khe-nhinh". Pure.

/** Small letters without marks: "Mẩy" → "may". */
export const plain = (text: string) => text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/[đĐ]/g, 'd').toLowerCase();

export function slugOf(name: string): string {
  const slug = plain(name).replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 32).replace(/-+$/, '');
  return slug || `gian-${name.length}`;
}

/** The address, and those to try when it is taken: "rau-sach", "rau-sach-2", … "rau-sach-20". */
export function slugsOf(name: string): string[] {
  const slug = slugOf(name);
  return [slug, ...Array.from({ length: 19 }, (_, i) => `${slug.slice(0, 29).replace(/-+$/, '')}-${i + 2}`)];
}

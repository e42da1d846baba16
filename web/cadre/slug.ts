// slug.ts: a stall's address from its name: "Vườn bà Mẩy – Khe Nhinh" → "vuon-ba-may-khe-nhinh". Pure.

export function slugOf(name: string): string {
  const ascii = name.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/[đĐ]/g, 'd').toLowerCase();
  const slug = ascii.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 32).replace(/-+$/, '');
  return slug || `gian-${name.length}`;
}

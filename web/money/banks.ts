// banks.ts: the banks highland households are likely to have an account with, for a list to choose from. Any other is
// given by its six-digit number; the market knows them all.

export const BANKS: readonly (readonly [bin: string, name: string])[] = [
  ['970405', 'Agribank'], ['970449', 'LPBank'], ['970415', 'VietinBank'], ['970418', 'BIDV'], ['970436', 'Vietcombank'], ['970422', 'MB'],
  ['971005', 'Viettel Money'], ['970407', 'Techcombank'], ['970416', 'ACB'], ['970432', 'VPBank'], ['970423', 'TPBank'], ['970403', 'Sacombank'],
  ['970446', 'Co-opBank'], ['970443', 'SHB'], ['970437', 'HDBank'], ['970441', 'VIB'], ['971011', 'VNPT Money'],
];

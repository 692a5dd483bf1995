const scales: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Whether two quantities are the same, however they are spelt: the API server makes `1Gi` of `1024Mi`. */
export function isSameQuantity(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  const [one, other] = [amountOf(a), amountOf(b)];
  return one !== null && other !== null && Math.abs(one - other) <= 1e-12 * Math.abs(one);
}

function amountOf(quantity: unknown): number | null {
  const [, number, suffix = ''] =
    /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([numkMGTPE]|[KMGTPE]i)?$/.exec(String(quantity)) ?? [];
  const scale = scales[suffix];
  return number === undefined || scale === undefined ? null : Number(number) * scale;
}

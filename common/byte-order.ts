/**
 * Orders texts as their UTF-8 bytes are ordered, as Go sorts strings; for `Array.sort`. JavaScript's own order compares
 * UTF-16 units and differs beyond U+FFFF.
 */
export function byByteOrder(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Puts surrogates (U+10000 and up) after all other units. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

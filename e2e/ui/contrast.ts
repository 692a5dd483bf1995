import type { Page } from 'playwright-core';

/** Text whose colour is too close to what is behind it. */
export interface FaintText {
  readonly text: string;
  readonly ratio: number;
  readonly color: string;
  readonly background: string;
}

/** Every visible text whose contrast is under `least`; 4.5 is what WCAG AA asks of small text. */
export function faintTexts(page: Page, least: number): Promise<readonly FaintText[]> {
  return page.evaluate((limit) => {
    type Rgba = [red: number, green: number, blue: number, alpha: number];
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    if (canvas === null) throw new Error('no canvas');
    // The browser itself knows all the ways in which a colour can be written.
    const parse = (color: string): Rgba => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      const [red = 0, green = 0, blue = 0, alpha = 0] = canvas.getImageData(0, 0, 1, 1).data;
      return [red, green, blue, alpha / 255];
    };
    const over = ([r, g, b, a]: Rgba, [x, y, z]: Rgba): Rgba => [
      r * a + x * (1 - a),
      g * a + y * (1 - a),
      b * a + z * (1 - a),
      1,
    ];
    const behind = (element: Element | null): Rgba => {
      if (element === null) return [255, 255, 255, 1];
      const color = parse(getComputedStyle(element).backgroundColor);
      return color[3] === 1 ? color : over(color, behind(element.parentElement));
    };
    const luminance = (color: Rgba): number => {
      const [r = 0, g = 0, b = 0] = color.slice(0, 3).map((channel) => {
        const share = channel / 255;
        return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const faint: { text: string; ratio: number; color: string; background: string }[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement;
      const text = node.textContent?.trim() ?? '';
      if (element === null || text === '' || !element.checkVisibility()) continue;
      const background = behind(element);
      const color = over(parse(getComputedStyle(element).color), background);
      const [dark = 0, light = 0] = [luminance(background), luminance(color)].sort((a, b) => a - b);
      const ratio = (light + 0.05) / (dark + 0.05);
      if (ratio < limit)
        faint.push({ text: text.slice(0, 40), ratio, color: String(color), background: String(background) });
    }
    return faint;
  }, least);
}

/** Controls that nobody could name who cannot see them, as selectors for people. */
export function namelessControls(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    [
      ...document.querySelectorAll(
        'a, button, input, select, [role="grid"], [role="list"], [role="img"], nav, aside, dialog',
      ),
    ]
      .filter((element) => {
        const labelledBy = element.getAttribute('aria-labelledby');
        const name =
          element.getAttribute('aria-label') ??
          (labelledBy === null ? null : document.getElementById(labelledBy)?.textContent) ??
          element.textContent;
        return (name ?? '').trim() === '';
      })
      .map((element) => element.outerHTML.slice(0, 120)),
  );
}

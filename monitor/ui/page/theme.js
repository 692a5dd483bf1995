/** Light, dark, or as the system has it; the choice stays with the browser. */
import { byId, setText } from './dom.js';

const KEY = 'traffic-monitor-theme';
const order = ['auto', 'light', 'dark'];

/** @returns {string} */
function stored() {
  try {
    return localStorage.getItem(KEY) ?? 'auto';
  } catch {
    // Storage may be forbidden; then the choice lasts as long as the page.
    return document.documentElement.dataset['theme'] ?? 'auto';
  }
}

/** @param {string} theme */
function apply(theme) {
  document.documentElement.dataset['theme'] = theme;
  setText(byId('theme'), `Theme: ${theme}`);
}

export function nextTheme() {
  const next = order[(order.indexOf(stored()) + 1) % order.length] ?? 'auto';
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // As above.
  }
  apply(next);
}

export function startTheme() {
  apply(order.includes(stored()) ? stored() : 'auto');
  byId('theme').addEventListener('click', nextTheme);
}

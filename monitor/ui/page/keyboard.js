/**
 * Keys, as in other tools that list things.
 * @import { ViewName } from '../types.ts'
 */
import { byId } from './dom.js';
import { views } from './page-state.js';

/**
 * @typedef {object} Commands
 * @property {(view: ViewName) => void} goTo
 * @property {(rows: number) => void} move down by so many rows, up if negative
 * @property {(end: 'first' | 'last') => void} jump
 * @property {() => void} open the selected row
 * @property {() => void} back closes what is on top
 * @property {() => void} find
 * @property {() => void} troubled shows what is down alone, or all again
 * @property {() => void} theme
 * @property {() => number} page rows of a screen
 */

/** @param {Commands} commands */
export function listenToKeys(commands) {
  const help = /** @type {HTMLDialogElement} */ (byId('help'));
  /** @type {Record<string, () => void>} */
  const keys = {
    j: () => commands.move(1),
    ArrowDown: () => commands.move(1),
    k: () => commands.move(-1),
    ArrowUp: () => commands.move(-1),
    PageDown: () => commands.move(commands.page()),
    PageUp: () => commands.move(-commands.page()),
    g: () => commands.jump('first'),
    Home: () => commands.jump('first'),
    G: () => commands.jump('last'),
    End: () => commands.jump('last'),
    Enter: () => commands.open(),
    d: () => commands.troubled(),
    t: () => commands.theme(),
    '/': () => commands.find(),
    '?': () => help.showModal(),
  };
  views.forEach((view, index) => {
    keys[String(index + 1)] = () => commands.goTo(view);
  });
  byId('help-open').addEventListener('click', () => help.showModal());
  help.addEventListener('click', ({ target }) => {
    if (target === help) help.close();
  });
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const { target } = event;
    const isTyping = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
    if (event.key === 'Escape') {
      if (isTyping) target.blur();
      else commands.back();
      return;
    }
    if (isTyping) {
      // Out of the search field into the rows that it has found.
      const leaves = target.type === 'search' && (event.key === 'Enter' || event.key === 'ArrowDown');
      if (!leaves) return;
      target.blur();
      event.preventDefault();
      commands.jump('first');
      return;
    }
    // Buttons and links have an Enter of their own.
    const hasOwnEnter = target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement;
    if (event.key === 'Enter' && hasOwnEnter) return;
    const command = keys[event.key];
    if (command === undefined) return;
    event.preventDefault();
    command();
  });
}

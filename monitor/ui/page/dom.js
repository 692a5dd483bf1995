/** The little that the page needs to make and change elements. Text is always text, never markup. */

/** An element of the page that has to be there.
 * @param {string} id */
export function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element "${id}"`);
  return found;
}

/**
 * A new element.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, string | number | boolean>} [attributes] true: present without a value
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  setAttributes(made, attributes);
  made.append(...children);
  return made;
}

/** A new element of SVG.
 * @param {string} tag @param {Record<string, string | number | boolean>} [attributes] @param {Node[]} children */
export function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  setAttributes(made, attributes);
  made.append(...children);
  return made;
}

/** @param {Element} made @param {Record<string, string | number | boolean>} attributes */
function setAttributes(made, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false) continue;
    made.setAttribute(name, value === true ? '' : String(value));
  }
}

/** Changes a text only if it is another one: the browser lays out anew what is touched.
 * @param {Element} target @param {string} text */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/** Puts `children` into `target`, but leaves those that would be the same: what is selected or focused there stays so.
 * @param {Element} target @param {readonly Element[]} children */
export function replaceChanged(target, children) {
  for (const [index, child] of children.entries()) {
    const old = target.children[index];
    if (old === undefined) target.append(child);
    else if (!old.isEqualNode(child)) old.replaceWith(child);
  }
  while (target.childElementCount > children.length) target.lastElementChild?.remove();
}

/** @param {Element} target @param {string} name @param {string} value */
export function setAttribute(target, name, value) {
  if (target.getAttribute(name) !== value) target.setAttribute(name, value);
}

/** A bar from 0 to 1 beside a figure that says the same: of `use`, where much is bad, or of `health`, where less is.
 * @param {number | null} share @param {'use' | 'health'} kind */
export function meter(share, kind) {
  const fill = element('span', { class: 'meter-fill' });
  const bar = element('span', { class: `meter ${kind}`, 'aria-hidden': 'true' }, fill);
  setMeter(bar, share);
  return bar;
}

/** @param {HTMLElement} bar @param {number | null} share */
export function setMeter(bar, share) {
  const fill = bar.firstElementChild;
  if (!(fill instanceof HTMLElement)) return;
  fill.style.transform = `scaleX(${share ?? 0})`;
  setAttribute(bar, 'data-level', share !== null && share >= 0.9 ? 'high' : 'usual');
}

/** Shows thousands of rows with the few elements that fit on the screen. */

/** Rows beyond the edges, so that a flick of the wheel finds them there. */
const OVERSCAN = 10;

/**
 * @template T
 * @typedef {object} RowParts
 * @property {HTMLElement} node
 * @property {(item: T, index: number) => void} show writes the item into the row, touching what has changed only
 */

/**
 * Rows are of one height, given by `--row` of the scroller. Elements are used again as rows scroll by; what a row
 * shows is compared with what it showed, by the row itself.
 * @template T
 */
export class VirtualList {
  /** @type {readonly T[]} */
  #items = [];
  /** @type {{ row: RowParts<T>, index: number }[]} */
  #pool = [];
  #rowHeight = 30;
  #framed = false;
  #selected = -1;
  #scroller;
  #makeRow;
  #spacer;
  #ariaOffset;

  /**
   * @param {HTMLElement} scroller its last child gets the rows
   * @param {() => RowParts<T>} makeRow
   * @param {number} [ariaOffset] rows of the head
   */
  constructor(scroller, makeRow, ariaOffset = 0) {
    this.#scroller = scroller;
    this.#makeRow = makeRow;
    this.#ariaOffset = ariaOffset;
    this.#spacer = document.createElement('div');
    this.#spacer.className = 'rows';
    this.#spacer.setAttribute('role', scroller.getAttribute('role') === 'list' ? 'presentation' : 'rowgroup');
    scroller.append(this.#spacer);
    scroller.addEventListener('scroll', () => this.#render(), { passive: true });
    new ResizeObserver(() => {
      this.#measure();
      this.refresh();
    }).observe(scroller);
  }

  /** @param {readonly T[]} items */
  set(items) {
    this.#items = items;
    if (this.#ariaOffset > 0)
      this.#scroller.setAttribute('aria-rowcount', String(items.length + this.#ariaOffset));
    this.#spacer.style.height = `${items.length * this.#rowHeight}px`;
    this.refresh();
  }

  get items() {
    return this.#items;
  }

  get selected() {
    return this.#selected;
  }

  /** Draws what is visible anew, with the next frame. */
  refresh() {
    if (this.#framed) return;
    this.#framed = true;
    requestAnimationFrame(() => {
      this.#framed = false;
      for (const place of this.#pool) place.index = -1;
      this.#render();
    });
  }

  /** @param {number} index -1: none @param {{ scroll: boolean }} options */
  select(index, { scroll }) {
    this.#selected = index;
    if (scroll && index >= 0) this.#reveal(index);
    this.refresh();
  }

  /** How many rows a screen has. */
  get page() {
    return Math.max(1, Math.floor(this.#viewHeight() / this.#rowHeight) - 1);
  }

  /** Id of the selected row's element while it is on the screen. */
  get selectedId() {
    return this.#pool.find(({ index }) => index === this.#selected)?.row.node.id ?? '';
  }

  #measure() {
    const text = getComputedStyle(this.#scroller).getPropertyValue('--row');
    const height = Number.parseFloat(text);
    if (!Number.isFinite(height) || height === this.#rowHeight) return;
    this.#rowHeight = height;
    this.#spacer.style.height = `${this.#items.length * height}px`;
  }

  #headHeight() {
    return this.#spacer.offsetTop;
  }

  #viewHeight() {
    return this.#scroller.clientHeight - this.#headHeight();
  }

  /** @param {number} index */
  #reveal(index) {
    const top = index * this.#rowHeight;
    const { scrollTop } = this.#scroller;
    if (top < scrollTop) this.#scroller.scrollTop = top;
    else if (top + this.#rowHeight > scrollTop + this.#viewHeight())
      this.#scroller.scrollTop = top + this.#rowHeight - this.#viewHeight();
  }

  #render() {
    const { clientHeight, scrollTop } = this.#scroller;
    const first = Math.max(0, Math.floor(scrollTop / this.#rowHeight) - OVERSCAN);
    const fits = Math.ceil(clientHeight / this.#rowHeight) + 2 * OVERSCAN;
    const last = Math.min(this.#items.length, first + fits);
    while (this.#pool.length < fits) this.#grow();
    for (let index = first; index < last; index++) this.#show(index);
    // What is left over shows rows that are gone.
    for (const place of this.#pool) {
      if (place.index >= first && place.index < last) continue;
      place.index = -1;
      if (!place.row.node.hidden) place.row.node.hidden = true;
    }
  }

  #grow() {
    const row = this.#makeRow();
    row.node.hidden = true;
    this.#spacer.append(row.node);
    // With another pool size each row has another place.
    for (const place of this.#pool) place.index = -1;
    this.#pool.push({ row, index: -1 });
  }

  /** @param {number} index */
  #show(index) {
    const place = this.#pool[index % this.#pool.length];
    const item = this.#items[index];
    if (place === undefined || item === undefined || place.index === index) return;
    place.index = index;
    const { node } = place.row;
    node.hidden = false;
    node.style.transform = `translateY(${index * this.#rowHeight}px)`;
    if (this.#ariaOffset > 0) node.setAttribute('aria-rowindex', String(index + 1 + this.#ariaOffset));
    const isSelected = String(index === this.#selected);
    if (node.getAttribute('aria-selected') !== isSelected && this.#ariaOffset > 0)
      node.setAttribute('aria-selected', isSelected);
    place.row.show(item, index);
  }
}

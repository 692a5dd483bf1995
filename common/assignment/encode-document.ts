import { byByteOrder } from '../byte-order.ts';
import type { AssignedGroup, AssignmentDocument, Succession } from './document.ts';

/**
 * Writes an assignment document; equal documents make equal bytes, whatever the order of what they list. One line a
 * group, so that it can be read and compared, and stays small with thousands of cachegroups.
 */
export function encodeAssignment(document: AssignmentDocument): string {
  const { version, revision, cdn, group, redundancy } = document;
  const head = Object.entries({ version, revision, cdn, group, redundancy });
  const members = head.map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  members.push(groupsText(document.groups));
  const handovers = sortedBy('cachegroup', document.handovers).map(({ cachegroup, from, to }) =>
    JSON.stringify({ cachegroup, from, to }),
  );
  if (handovers.length > 0) members.push(list('handovers', handovers));
  const failovers = sortedBy('cachegroup', document.failovers).map(({ cachegroup, home, standIn }) =>
    JSON.stringify({ cachegroup, home, standIn }),
  );
  if (failovers.length > 0) members.push(list('failovers', failovers));
  return `{\n${members.join(',\n')}\n}\n`;
}

/** What to do with `next` where `current` is in force; null: none is. */
export function succession(current: AssignmentDocument | null, next: AssignmentDocument): Succession {
  if (current === null || next.revision > current.revision) return 'apply';
  if (next.revision < current.revision) return 'older';
  return encodeAssignment(next) === encodeAssignment(current) ? 'same' : 'conflict';
}

/** Whether two documents tell the same, whatever their revisions: if not, the next one needs a higher revision. */
export function sameContent(a: AssignmentDocument, b: AssignmentDocument): boolean {
  return encodeAssignment({ ...a, revision: 1 }) === encodeAssignment({ ...b, revision: 1 });
}

/** Documents of one revision share their groups, and 200 of them with 5,000 cachegroups are 100 KB each. */
const knownGroups = new WeakMap<readonly AssignedGroup[], string>();

function groupsText(groups: readonly AssignedGroup[]): string {
  const known = knownGroups.get(groups);
  if (known !== undefined) return known;
  const text = list('groups', sortedBy('name', groups).map(groupLine));
  knownGroups.set(groups, text);
  return text;
}

function groupLine({ name, cachegroups, members }: AssignedGroup): string {
  return JSON.stringify({
    name,
    cachegroups: [...cachegroups].sort(byByteOrder),
    members: sortedBy('name', members).map(({ name, host, port }) => ({ name, host, port })),
  });
}

function list(key: string, lines: readonly string[]): string {
  if (lines.length === 0) return `  ${JSON.stringify(key)}: []`;
  return `  ${JSON.stringify(key)}: [\n${lines.map((line) => `    ${line}`).join(',\n')}\n  ]`;
}

function sortedBy<Key extends string, Item extends Readonly<Record<Key, string>>>(
  key: Key,
  items: readonly Item[],
): Item[] {
  return [...items].sort((a, b) => byByteOrder(a[key], b[key]));
}

import { isIPv6 } from 'node:net';
import { cachegroupName, cdnName, type GroupName, groupName, monitorName } from '../ids.ts';
import type {
  AssignedGroup,
  AssignmentDocument,
  Failover,
  GroupMember,
  Handover,
  Redundancy,
} from './document.ts';
import { AssignmentError, DocumentReader } from './document-reader.ts';

/**
 * Reads an assignment document. Keys that are not known are ignored, so that a newer operator can tell older monitors
 * more than they understand.
 * @throws AssignmentError naming the path, the value and the rule
 */
export function decodeAssignment(text: string): AssignmentDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new AssignmentError(`the assignment is not JSON: ${(error as Error).message}`);
  }
  return assignmentOf(value);
}

/**
 * The same for a document that has been read already, whatever it was written in.
 * @throws AssignmentError naming the path, the value and the rule
 */
export function assignmentOf(value: unknown): AssignmentDocument {
  const root = DocumentReader.of(value);
  const version = root.whole('version', 1);
  if (version !== 1) throw root.wrong('version', 'must be 1, the only version that this program knows');
  const document: AssignmentDocument = {
    version,
    revision: root.whole('revision', 1),
    cdn: cdnName(root.name('cdn')),
    group: groupName(root.name('group')),
    redundancy: decodeRedundancy(root),
    groups: root.objects('groups').map(decodeGroup),
    handovers: root.optionalObjects('handovers').map(decodeHandover),
    failovers: root.optionalObjects('failovers').map(decodeFailover),
  };
  checkNames(document);
  return document;
}

function decodeRedundancy(root: DocumentReader): Redundancy {
  if (root.raw('redundancy') === 'All') return 'All';
  return root.whole('redundancy', 1, '"All" or a whole number from 1 up');
}

function decodeGroup(reader: DocumentReader): AssignedGroup {
  const name = groupName(reader.name('name'));
  reader.call(name);
  return {
    name,
    cachegroups: reader.names('cachegroups').map(cachegroupName),
    members: reader.objects('members').map(decodeMember),
  };
}

function decodeMember(reader: DocumentReader): GroupMember {
  const name = monitorName(reader.name('name'));
  reader.call(name);
  return { name, host: decodeHost(reader), port: reader.whole('port', 1, undefined, 65_535) };
}

const DNS_NAME_OR_IPV4 = /^[0-9A-Za-z_](?:[0-9A-Za-z_.-]{0,251}[0-9A-Za-z_.])?$/;

function decodeHost(reader: DocumentReader): string {
  const host = reader.name('host');
  if (DNS_NAME_OR_IPV4.test(host) || isIPv6(host)) return host;
  throw reader.wrong('host', 'must be an IP address (IPv6 without brackets) or a DNS name');
}

function decodeHandover(reader: DocumentReader): Handover {
  return {
    cachegroup: cachegroupName(reader.name('cachegroup')),
    from: groupName(reader.name('from')),
    to: groupName(reader.name('to')),
  };
}

function decodeFailover(reader: DocumentReader): Failover {
  return {
    cachegroup: cachegroupName(reader.name('cachegroup')),
    home: groupName(reader.name('home')),
    standIn: groupName(reader.name('standIn')),
  };
}

/** The rules that a JSON schema cannot tell: names that must be there, and names that must not be there twice. */
function checkNames({ group, groups }: AssignmentDocument): void {
  const known = new Set<GroupName>();
  const groupOfMember = new Map<string, GroupName>();
  for (const { name, cachegroups, members } of groups) {
    if (known.has(name))
      throw new AssignmentError(`groups has ${quote(name)} twice: a group stands there once`);
    known.add(name);
    const twice = cachegroups.find((cachegroup, index) => cachegroups.indexOf(cachegroup) !== index);
    if (twice !== undefined)
      throw new AssignmentError(`the group ${quote(name)} has the cachegroup ${quote(twice)} twice`);
    for (const member of members) {
      const other = groupOfMember.get(member.name);
      if (other !== undefined)
        throw new AssignmentError(
          `the member ${quote(member.name)} of the group ${quote(name)} is also in ${quote(other)}: the name of a member stands there once`,
        );
      groupOfMember.set(member.name, name);
    }
  }
  if (!known.has(group))
    throw new AssignmentError(`group is ${quote(group)}: must be one of groups (${[...known].join(', ')})`);
}

const quote = (name: string): string => JSON.stringify(name);

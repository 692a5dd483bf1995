import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { decodeAssignment } from './decode-document.ts';
import type { AssignmentDocument } from './document.ts';
import { encodeAssignment, sameContent, succession } from './encode-document.ts';
import { assignmentDocuments } from './testing/documents.ts';

const schema = JSON.parse(
  readFileSync(new URL('../../docs/assignment.schema.json', import.meta.url), 'utf8'),
);
const fitsSchema = new Ajv2020({ allErrors: true }).compile(schema);

const member = { name: 'emea-0', host: '198.51.100.5', port: 8080 };
const emea = { name: 'emea', cachegroups: ['cg-london', 'cg-paris'], members: [member] };
const apac = { name: 'apac', cachegroups: ['cg-paris', 'cg-tokyo'], members: [] };
const good = {
  version: 1,
  revision: 12,
  cdn: 'cdn1',
  group: 'emea',
  redundancy: 'All',
  groups: [emea, apac],
  handovers: [{ cachegroup: 'cg-paris', from: 'apac', to: 'emea' }],
};

const decode = (value: unknown): AssignmentDocument => decodeAssignment(JSON.stringify(value));
const withMember = (changes: object) => ({
  ...good,
  groups: [{ ...emea, members: [{ ...member, ...changes }] }],
});
const { group: _, ...withoutGroup } = good;

describe('an assignment document', () => {
  it('is read as it stands; what is optional may be missing', () => {
    assert.deepEqual(decode(good), { ...good, failovers: [] });
    assert.deepEqual(decode({ ...good, handovers: undefined }).handovers, []);
    assert.equal(decode({ ...good, redundancy: 2 }).redundancy, 2);
  });

  it('may say more than this version understands', () => {
    assert.deepEqual(decode({ ...good, zones: [1], groups: [{ ...emea, weight: 2 }] }).groups, [emea]);
  });

  it('is the same after it was written and read, whatever is in it', () => {
    fc.assert(
      fc.property(assignmentDocuments, (document) => {
        const text = encodeAssignment(document);
        assert.ok(fitsSchema(JSON.parse(text)), JSON.stringify(fitsSchema.errors));
        assert.equal(encodeAssignment(decodeAssignment(text)), text);
      }),
    );
  });

  it('is the same bytes in whatever order it lists things', () => {
    const turned = {
      ...decode(good),
      groups: [apac, emea].map((group) => ({ ...group, cachegroups: group.cachegroups.toReversed() })),
    };
    assert.equal(encodeAssignment(decode(turned)), encodeAssignment(decode(good)));
  });

  it('has one line a group', () => {
    assert.equal(
      encodeAssignment(decode({ ...good, groups: [emea], handovers: [] })),
      `{
  "version": 1,
  "revision": 12,
  "cdn": "cdn1",
  "group": "emea",
  "redundancy": "All",
  "groups": [
    {"name":"emea","cachegroups":["cg-london","cg-paris"],"members":[{"name":"emea-0","host":"198.51.100.5","port":8080}]}
  ]
}
`,
    );
  });
});

/** Refused by the decoder and by the schema. */
const malformed: readonly (readonly [what: string, value: unknown, message: string])[] = [
  ['no object', [good], 'the assignment is an array: must be an object'],
  [
    'a version of the future',
    { ...good, version: 2 },
    'version is 2: must be 1, the only version that this program knows',
  ],
  ['no version', { ...good, version: undefined }, 'version is missing: must be a whole number from 1 up'],
  ['revision 0', { ...good, revision: 0 }, 'revision is 0: must be a whole number from 1 up'],
  ['a revision in quotes', { ...good, revision: '12' }, 'revision is "12": must be a whole number from 1 up'],
  [
    'a revision beyond 2^53',
    { ...good, revision: 2 ** 53 },
    'revision is 9007199254740992: must be a whole number from 1 up',
  ],
  ['no CDN', { ...good, cdn: '' }, 'cdn is "": must be a text that is not empty'],
  ['no own group', withoutGroup, 'group is missing: must be a text that is not empty'],
  [
    'redundancy in lower case',
    { ...good, redundancy: 'all' },
    'redundancy is "all": must be "All" or a whole number from 1 up',
  ],
  ['redundancy 0', { ...good, redundancy: 0 }, 'redundancy is 0: must be "All" or a whole number from 1 up'],
  [
    'redundancy 1.5',
    { ...good, redundancy: 1.5 },
    'redundancy is 1.5: must be "All" or a whole number from 1 up',
  ],
  ['groups by name', { ...good, groups: { emea } }, 'groups is an object: must be an array'],
  ['a group that is a name', { ...good, groups: ['emea'] }, 'groups[0] is "emea": must be an object'],
  [
    'a cachegroup without a name',
    { ...good, groups: [{ ...emea, cachegroups: ['a', null] }] },
    'groups[0] "emea" cachegroups[1] is null: must be a text that is not empty',
  ],
  [
    'a cachegroup twice in a group',
    { ...good, groups: [{ ...emea, cachegroups: ['a', 'b', 'a'] }] },
    'the group "emea" has the cachegroup "a" twice',
  ],
  [
    'port 65536',
    withMember({ port: 65_536 }),
    'groups[0] "emea" members[0] "emea-0" port is 65536: must be a whole number from 1 to 65535',
  ],
  [
    'a URL for a host',
    withMember({ host: 'http://x' }),
    'groups[0] "emea" members[0] "emea-0" host is "http://x": must be an IP address (IPv6 without brackets) or a DNS name',
  ],
  [
    'IPv6 in brackets',
    withMember({ host: '[::1]' }),
    'groups[0] "emea" members[0] "emea-0" host is "[::1]": must be an IP address (IPv6 without brackets) or a DNS name',
  ],
  [
    'a hand-over to nobody',
    { ...good, handovers: [{ cachegroup: 'a', from: 'emea' }] },
    'handovers[0] to is missing: must be a text that is not empty',
  ],
  ['hand-overs that are null', { ...good, handovers: null }, 'handovers is null: must be an array'],
  [
    'a failover of no cachegroup',
    { ...good, failovers: [{ home: 'emea', standIn: 'apac' }] },
    'failovers[0] cachegroup is missing: must be a text that is not empty',
  ],
];

/** Refused by the decoder: rules that a schema cannot tell. */
const contradictory: readonly (readonly [what: string, value: unknown, message: string])[] = [
  [
    'two groups of one name',
    { ...good, groups: [emea, emea] },
    'groups has "emea" twice: a group stands there once',
  ],
  [
    'a member of two groups',
    { ...good, groups: [emea, { ...apac, members: [member] }] },
    'the member "emea-0" of the group "apac" is also in "emea": the name of a member stands there once',
  ],
  [
    'a group that is not there',
    { ...good, group: 'amer' },
    'group is "amer": must be one of groups (emea, apac)',
  ],
  [
    'an impossible IPv6 address',
    withMember({ host: '1:2:3' }),
    'groups[0] "emea" members[0] "emea-0" host is "1:2:3": must be an IP address (IPv6 without brackets) or a DNS name',
  ],
];

describe('an assignment document is refused, with path, value and rule, that has', () => {
  for (const [what, value, message] of malformed) {
    it(what, () => {
      assert.throws(() => decode(value), { name: 'AssignmentError', message });
      assert.equal(fitsSchema(JSON.parse(JSON.stringify(value))), false, 'the schema lets it pass');
    });
  }
  for (const [what, value, message] of contradictory) {
    it(what, () => {
      assert.throws(() => decode(value), { name: 'AssignmentError', message });
    });
  }
  it('half of it missing', () => {
    const half = JSON.stringify(good).slice(0, 60);
    assert.throws(() => decodeAssignment(half), /^AssignmentError: the assignment is not JSON: /);
  });
});

describe('hosts of members', () => {
  for (const host of [
    '198.51.100.5',
    '2001:db8::5',
    '::1',
    'emea-0.emea.cdn.svc',
    'tm.example.net.',
    'localhost',
  ]) {
    it(`may be ${host}`, () => {
      const document = withMember({ host });
      assert.equal(decode(document).groups[0]?.members[0]?.host, host);
      assert.ok(fitsSchema(document));
    });
  }
});

describe('of two documents', () => {
  const current = decode(good);
  const other = decode({ ...good, redundancy: 1 });
  for (const [what, next, expected] of [
    ['the one with the higher revision is applied', { ...other, revision: 13 }, 'apply'],
    ['the one with the lower revision is older', { ...other, revision: 11 }, 'older'],
    ['with one revision and one content there is nothing to do', decode(good), 'same'],
    ['with one revision and two contents neither can be trusted', other, 'conflict'],
  ] as const) {
    it(what, () => assert.equal(succession(current, next), expected));
  }
  it('the content is compared without the revision', () => {
    assert.equal(sameContent(current, { ...current, revision: 99 }), true);
    assert.equal(sameContent(current, other), false);
  });
  it('the first is applied', () => assert.equal(succession(null, current), 'apply'));
});

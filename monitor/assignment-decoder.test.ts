import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeAssignment } from '../common/assignment/decode-document.ts';
import { encodeAssignment } from '../common/assignment/encode-document.ts';
import { assignmentDecoderFor } from './assignment-decoder.ts';

const yaml = `
# Paris is polled from here since the move.
version: 1
revision: 7
cdn: my-cdn
group: emea
redundancy: All
groups:
  - name: emea
    cachegroups: [2026-11-24, cg-london, cg-paris]
    members:
      - { name: tm-3, host: tm-3.example.net, port: 8080 }
`;

describe('an assignment document in YAML', () => {
  for (const path of ['/etc/a.yaml', 'b.yml', 'C.YAML']) {
    it(`is what ${path} is taken for`, async () => {
      const document = (await assignmentDecoderFor(path))(yaml);
      assert.equal(document.revision, 7);
      assert.deepEqual(document.groups[0]?.cachegroups, ['2026-11-24', 'cg-london', 'cg-paris']);
    });
  }

  it('says the same as one in JSON', async () => {
    const document = (await assignmentDecoderFor('a.yaml'))(yaml);
    assert.deepEqual(decodeAssignment(encodeAssignment(document)), document);
  });

  const refused: readonly (readonly [what: string, text: string, told: RegExp])[] = [
    ['no YAML', 'version: [1', /^the assignment is not YAML: .*\(\d+:\d+\)$/],
    ['two documents', `${yaml}---\n${yaml}`, /not YAML/],
    ['nothing', '', /./],
    ['no revision', yaml.replace('revision: 7', ''), /revision/],
    ['a text for a number', yaml.replace('8080', '"8080"'), /port/],
  ];
  for (const [what, text, told] of refused) {
    it(`with ${what} is refused, and the reason is told in a line`, async () => {
      const decode = await assignmentDecoderFor('a.yaml');
      assert.throws(
        () => decode(text),
        (error: Error) =>
          error.name === 'AssignmentError' && told.test(error.message) && !error.message.includes('\n'),
      );
    });
  }

  it('is none in a file of another name', async () => {
    const decode = await assignmentDecoderFor('/etc/assignment.json');
    assert.throws(() => decode(yaml), /the assignment is not JSON/);
  });
});

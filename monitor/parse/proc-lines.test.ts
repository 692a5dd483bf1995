import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readLoadavgLine } from './proc-loadavg.ts';
import { readNetDevLine } from './proc-net-dev.ts';

describe('a /proc/net/dev line', () => {
  it('has received bytes first and sent bytes ninth', () => {
    assert.deepEqual(readNetDevLine('eth0:1000 1 0 0 0 0 0 0 5000 1 0 0 0 0 0 0'), {
      name: 'eth0',
      bytesIn: 1000n,
      bytesOut: 5000n,
    });
  });

  it('may be padded as the kernel pads it', () => {
    assert.equal(readNetDevLine('  eth0:  1  0 0 0 0 0 0 0\t2').name, 'eth0');
  });

  it('keeps counters exact beyond what a float holds', () => {
    const line = readNetDevLine('eth0:9007199254740993 0 0 0 0 0 0 0 18446744073709551615');
    assert.equal(line.bytesIn, 9007199254740993n);
    assert.equal(line.bytesOut, 18446744073709551615n);
  });

  const format = "Expected /proc/net/dev line to be in the format '{{name}}:{{info}}', but got ";
  const refused: readonly [line: string, reason: string][] = [
    ['', `${format}''`],
    ['eth0 1 2 3', `${format}'eth0 1 2 3'`],
    ['eth0:1:2', `${format}'eth0:1:2'`],
    ['x'.repeat(5000), `${format}'${'x'.repeat(200)}…'`],
    ['eth0:1 2 3', 'Expected at least 9 /proc/net/dev fields, got 3'],
    ['eth0:', 'Expected at least 9 /proc/net/dev fields, got 0'],
    ['eth0:-1 0 0 0 0 0 0 0 2', "Error parsing BytesIn: '-1' is not an unsigned 64-bit number"],
    ['eth0:1.5 0 0 0 0 0 0 0 2', "Error parsing BytesIn: '1.5' is not an unsigned 64-bit number"],
    [
      'eth0:1 0 0 0 0 0 0 0 18446744073709551616',
      "Error parsing BytesOut: '18446744073709551616' is not an unsigned 64-bit number",
    ],
  ];
  for (const [line, reason] of refused) {
    it(`'${line.slice(0, 30)}': ${reason.slice(0, 60)}`, () => {
      assert.throws(() => readNetDevLine(line), { message: reason });
    });
  }
});

describe('a /proc/loadavg line', () => {
  it('has the averages first', () => {
    assert.deepEqual(readLoadavgLine('0.30 0.12 0.21 8/863 1421'), [0.3, 0.12, 0.21]);
  });

  it('is split at spaces, tabs and slashes, however many', () => {
    assert.deepEqual(readLoadavgLine(' 1\t2/3  4//5 -6 '), [1, 2, 3]);
  });

  const refused: readonly [line: string, reason: string][] = [
    ['', 'Expected 6 fields in a loadavg line, got 0'],
    ['0.1 0.2 0.3', 'Expected 6 fields in a loadavg line, got 3'],
    ['0.1 0.2 0.3 1/2 3 4', 'Expected 6 fields in a loadavg line, got 7'],
    ['low 0.2 0.3 1/2 3', "Error parsing one-minute loadavg: 'low' is not a valid number"],
    ['0.1 high 0.3 1/2 3', "Error parsing five-minute loadavg: 'high' is not a valid number"],
    ['0.1 0.2 0,3 1/2 3', "Error parsing fifteen-minute loadavg: '0,3' is not a valid number"],
    ['0.1 0.2 0.3 -1/2 3', "Error parsing currently executing processes: '-1' is not a valid number"],
    ['0.1 0.2 0.3 1/2.5 3', "Error parsing total processes: '2.5' is not a valid number"],
    ['0.1 0.2 0.3 1/2 pid', "Error parsing latest process ID: 'pid' is not a valid number"],
  ];
  for (const [line, reason] of refused) {
    it(`'${line}': ${reason}`, () => {
      assert.throws(() => readLoadavgLine(line), { message: reason });
    });
  }
});

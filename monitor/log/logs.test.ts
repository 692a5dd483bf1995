import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { mkdtemp, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { LogLocation } from '../config/settings.ts';
import { until } from '../testing/waiting.ts';
import { createLogs, type LogLocations, type MonitorLogs } from './logs.ts';

const OFF: LogLocation = { to: 'null' };
const ALL_OFF: LogLocations = { access: OFF, debug: OFF, error: OFF, event: OFF, info: OFF, warning: OFF };
const TIME_MS = 1_778_126_706_790;
const AT = '2026-05-07T04:05:06.790Z';

let dir = '';
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'logs-'));
});
after(() => rm(dir, { recursive: true }));

const unclosed = new Set<MonitorLogs>();
afterEach(async () => {
  for (const logs of unclosed) await logs.close();
  unclosed.clear();
});

const path = (name: string): string => join(dir, name);
const file = (name: string): LogLocation => ({ to: 'file', path: path(name) });
const content = (name: string): Promise<string> => readFile(path(name), 'utf8');

/** Logs at a fixed time, and how many lines each location lost. */
function logsTo(locations: Partial<LogLocations>, limitBytes = 1000) {
  const dropped = new Map<string, number>();
  const logs = createLogs(
    { ...ALL_OFF, ...locations },
    {
      now: () => TIME_MS,
      limitBytes,
      retryMs: 20,
      closeDeadlineMs: 300,
      onDropped: (location, lines) => dropped.set(location, (dropped.get(location) ?? 0) + lines),
    },
  );
  unclosed.add(logs);
  return { logs, dropped };
}

describe('the logs', () => {
  test('go each to its own file, in the order written', async () => {
    const { logs } = logsTo({
      error: file('error'),
      warning: file('warning'),
      info: file('info'),
      debug: file('debug'),
      event: file('event'),
      access: file('access'),
    });
    const log = logs.for('poll');
    log.error('e1');
    log.error('e2');
    log.warning('w');
    log.info('i');
    log.debug('d');
    logs.event('an event');
    logs.access('a request');
    await logs.close();
    assert.equal(await content('error'), `ERROR: poll: ${AT}: e1\nERROR: poll: ${AT}: e2\n`);
    assert.equal(await content('warning'), `WARNING: poll: ${AT}: w\n`);
    assert.equal(await content('info'), `INFO: poll: ${AT}: i\n`);
    assert.equal(await content('debug'), `DEBUG: poll: ${AT}: d\n`);
    assert.equal(await content('event'), 'an event\n');
    assert.equal(await content('access'), 'a request\n');
    assert.equal((await stat(path('error'))).mode & 0o777, 0o644 & ~process.umask());
  });

  test('append to what is there', async () => {
    await writeFile(path('kept'), 'old\n');
    const { logs } = logsTo({ event: file('kept') });
    logs.event('new');
    await logs.close();
    assert.equal(await content('kept'), 'old\nnew\n');
  });

  test('survive a truncation, as logrotate does it', async () => {
    const { logs } = logsTo({ event: file('rotated') });
    logs.event('before');
    await until('it is written', async () => (await content('rotated')) === 'before\n');
    await writeFile(path('rotated'), '');
    logs.event('after');
    await logs.close();
    assert.equal(await content('rotated'), 'after\n');
  });

  test('of one file share it, in order', async () => {
    const same: LogLocation = { to: 'file', path: join(dir, '.', 'sub', '..', 'shared') };
    const { logs } = logsTo({ error: file('shared'), event: same });
    for (let n = 0; n < 3; n++) {
      logs.for('a').error(`${n}`);
      logs.event(`${n}`);
    }
    await logs.close();
    assert.deepEqual(
      (await content('shared')).split('\n').map((line) => line.at(-1)),
      ['0', '0', '1', '1', '2', '2', undefined],
    );
  });

  test('that are off say so and take lines for nothing', async () => {
    const { logs } = logsTo({});
    assert.deepEqual([logs.accessEnabled, logs.eventEnabled], [false, false]);
    logs.access('x');
    logs.for('a').error('x');
    await logs.close();
  });

  test('name log and path of a file that cannot be opened', () => {
    const wanted = join(dir, 'absent', 'file');
    assert.throws(() => logsTo({ access: { to: 'file', path: wanted } }), {
      message: `cannot open ${wanted} for the access log: ENOENT: no such file or directory, open '${wanted}'`,
    });
  });

  test('refuse a named pipe that nobody reads instead of waiting for a reader', async () => {
    await promisify(execFile)('mkfifo', [path('unread')]);
    assert.throws(() => logsTo({ event: file('unread') }), /for the event log: ENXIO/);
  });

  test('go to stdout and stderr', async () => {
    const program = `
      import { createLogs } from ${JSON.stringify(new URL('./logs.ts', import.meta.url).href)};
      const off = { to: 'null' };
      const logs = createLogs(
        { access: off, debug: off, info: off, error: { to: 'stderr' }, warning: { to: 'stdout' }, event: { to: 'stdout' } },
        { onDropped: () => {}, now: () => 0 });
      logs.event('an event');
      logs.for('main').warning('w');
      logs.for('main').error('e');
      await logs.close();`;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '-e',
      program,
    ]);
    assert.equal(stdout, 'an event\nWARNING: main: 1970-01-01T00:00:00.000Z: w\n');
    assert.equal(stderr, 'ERROR: main: 1970-01-01T00:00:00.000Z: e\n');
  });
});

describe('reopening', () => {
  test('moves every log, and what was made before it writes to the new files', async () => {
    const { logs } = logsTo({ error: file('moved'), access: file('moved') });
    const log = logs.for('poll');
    log.error('old');
    await rename(path('moved'), path('moved.1'));
    logs.reopen({ ...ALL_OFF, error: file('moved'), access: file('moved') });
    log.error('new');
    logs.access('request');
    await logs.close();
    assert.equal(await content('moved.1'), `ERROR: poll: ${AT}: old\n`);
    assert.equal(await content('moved'), `ERROR: poll: ${AT}: new\nrequest\n`);
  });

  test('switches logs on and off', async () => {
    const { logs } = logsTo({ event: file('first') });
    logs.reopen({ ...ALL_OFF, access: file('second') });
    assert.deepEqual([logs.eventEnabled, logs.accessEnabled], [false, true]);
    await logs.close();
  });

  test('keeps all as it was if one file cannot be opened', async () => {
    const { logs } = logsTo({ event: file('stays') });
    assert.throws(
      () => logs.reopen({ ...ALL_OFF, error: file('stays.error'), event: { to: 'file', path: dir } }),
      /cannot open .* for the event log: EISDIR/,
    );
    logs.event('still here');
    await logs.close();
    assert.equal(await content('stays'), 'still here\n');
  });
});

describe('a file that takes no more', () => {
  test('loses the newest lines beyond the limit, counts them, and says so when it drains', async () => {
    await promisify(execFile)('mkfifo', [path('slow')]);
    const reader = await open(path('slow'), constants.O_RDONLY | constants.O_NONBLOCK);
    const { logs, dropped } = logsTo({ access: file('slow'), warning: file('slow.warning') }, 200_000);
    const line = 'x'.repeat(999);
    for (let n = 0; n < 300; n++) logs.access(line);
    assert.equal(dropped.get(path('slow')), 100);
    await delay(50);
    assert.equal(await content('slow.warning'), '');

    let received = 0;
    const buffer = Buffer.alloc(65_536);
    while (received < 200_000) {
      received += await reader.read(buffer).then(
        ({ bytesRead }) => bytesRead,
        () => delay(5, 0),
      );
    }
    await logs.close();
    await reader.close();
    assert.equal(received, 200_000);
    assert.equal(
      await content('slow.warning'),
      `WARNING: log: ${AT}: lost 100 lines of the access log (${path('slow')}): it took no more and too many waited\n`,
    );
  });

  test('on a full disk keeps the lines, tells the error log once and the process lives', {
    skip: existsSync('/dev/full') ? false : 'no /dev/full here',
  }, async () => {
    const { logs, dropped } = logsTo({ event: { to: 'file', path: '/dev/full' }, error: file('full.error') });
    logs.event('one');
    logs.event('two');
    await until('it is told', async () => (await content('full.error')).endsWith('\n'));
    const said = await content('full.error');
    assert.match(said, /^ERROR: log: .*: cannot write to the event log \(\/dev\/full\): ENOSPC.*\n$/);
    await logs.close();
    assert.equal(dropped.get('/dev/full'), 2, 'what could not be written until the end is counted');
    assert.equal(await content('full.error'), said);
  });

  test('whose reader is gone does not end the process', async () => {
    await promisify(execFile)('mkfifo', [path('broken')]);
    const reader = spawn('cat', [path('broken')], { stdio: 'ignore' });
    const fd = await open(path('broken'), 'w');
    const { logs } = logsTo({ event: file('broken'), error: file('broken.error') });
    await fd.close();
    reader.kill();
    await new Promise((resolve) => reader.once('exit', resolve));
    logs.event('lost');
    await until('it is told', async () => (await content('broken.error')).endsWith('\n'));
    assert.match(await content('broken.error'), /cannot write to the event log \(.*broken\): EPIPE/);
    await logs.close();
  });

  test('drops and counts lines after the end', async () => {
    const { logs, dropped } = logsTo({ event: file('ended') });
    await logs.close();
    logs.event('late');
    assert.equal(dropped.get(path('ended')), 1);
  });
});

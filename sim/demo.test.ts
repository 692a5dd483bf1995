import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';

/** Tests of two checkouts may run side by side. */
let nextPort = 18_480 + (process.pid % 50) * 200;

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly leftBehind: readonly string[];
  readonly port: number;
}

/** Runs the demo with a stand-in for the monitor; `onOutput` may act on what it has printed so far. */
function runDemo(
  t: TestContext,
  {
    form = ['--legacy'],
    args = [],
    env = {},
    onOutput,
  }: { form?: string[]; args?: string[]; env?: Record<string, string>; onOutput?: Watch },
): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'demo-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const script = join(import.meta.dirname, 'demo.ts');
  // Demos that start at the same moment would all find the same port free.
  const port = nextPort;
  nextPort += 20;
  const monitor = join(import.meta.dirname, 'testing', 'stand-in-monitor.ts');
  const child = spawn(
    process.execPath,
    [script, '--monitor', monitor, '--port', String(port), ...form, ...args],
    {
      env: { ...process.env, TMPDIR: folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      onOutput?.(output, (signal) => child.kill(signal));
    });
  }
  return new Promise((resolve) => {
    child.once('close', (code) => {
      const shown = Number(/starting at http:\/\/127\.0\.0\.1:(\d+)/.exec(output)?.[1]);
      resolve({ code, output, leftBehind: readdirSync(folder), port: shown });
    });
  });
}

type Watch = (output: string, kill: (signal: NodeJS.Signals) => void) => void;

/** The port is free again as soon as the monitor is gone. */
async function monitorIsGone(port: number): Promise<boolean> {
  const deadline = performance.now() + 15_000;
  while (performance.now() < deadline) {
    try {
      await (await fetch(`http://127.0.0.1:${port}/publish/CrStates`)).arrayBuffer();
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return false;
}

suite('demo with one monitor', { concurrency: true }, () => {
  test('--seconds ends it with exit code 0 and nothing left behind', async (t) => {
    const { code, output, leftBehind, port } = await runDemo(t, { args: ['--seconds', '1'] });
    assert.equal(code, 0, output);
    assert.match(output, /66 caches in 15 cachegroups/);
    assert.match(output, /publish\/CrStates/);
    assert.match(output, /done {5}edge-\S+ is overloaded/);
    assert.deepEqual(leftBehind, []);
    assert.ok(await monitorIsGone(port));
  });

  test('Ctrl-C ends everything', async (t) => {
    const { code, output, leftBehind, port } = await runDemo(t, {
      onOutput: (text, kill) => text.includes('counts ') && kill('SIGINT'),
    });
    assert.equal(code, 0, output);
    assert.deepEqual(leftBehind, []);
    assert.ok(await monitorIsGone(port));
  });

  test('when it is killed outright, the monitor ends too', async (t) => {
    const { port } = await runDemo(t, {
      onOutput: (text, kill) => text.includes('counts ') && kill('SIGKILL'),
    });
    assert.ok(await monitorIsGone(port));
  });

  test('when the monitor dies, its last output is shown and the exit code is not 0', async (t) => {
    const { code, output, leftBehind } = await runDemo(t, { env: { STAND_IN_DYING: 'any' } });
    assert.equal(code, 1);
    assert.match(output, /ended with exit code 3[\s\S]*told to die/);
    assert.deepEqual(leftBehind, []);
  });
});

suite('demo with groups', { concurrency: true }, () => {
  const form: string[] = [];
  const pages = (output: string): number[] =>
    [...(/starting at (.*)/.exec(output)?.[1] ?? '').matchAll(/:(\d+)/g)].map(([, port]) => Number(port));

  test('starts three groups of two, and --seconds ends all of them', async (t) => {
    const { code, output, leftBehind } = await runDemo(t, { form, args: ['--seconds', '1'] });
    assert.equal(code, 0, output);
    assert.match(output, /66 caches in 15 cachegroups/);
    for (const group of ['amer', 'emea', 'apac']) assert.match(output, new RegExp(`${group} +http`));
    assert.equal(pages(output).length, 6);
    assert.deepEqual(leftBehind, []);
    for (const port of pages(output)) assert.ok(await monitorIsGone(port));
  });

  test('kills a group and brings it back when it is asked to', async (t) => {
    const asked = new Set<string>();
    const { code, output } = await runDemo(t, {
      form,
      onOutput: (text, kill) => {
        const url = /curl (\S+)\/kill/.exec(text)?.[1];
        const once = (what: string, when: boolean): void => {
          if (!when || asked.has(what)) return;
          asked.add(what);
          void fetch(`${url}/${what}`).then((answer) => answer.text());
        };
        once('kill', text.includes('counts '));
        once('back', text.includes('group apac is killed'));
        if (text.includes('started again: apac')) kill('SIGINT');
      },
    });
    assert.equal(code, 0, output);
    for (const port of pages(output)) assert.ok(await monitorIsGone(port));
  });

  test('when a monitor dies of itself, its last output is shown and the exit code is not 0', async (t) => {
    const { code, output, leftBehind } = await runDemo(t, { form, env: { STAND_IN_DYING: 'amer-0' } });
    assert.equal(code, 1);
    assert.match(output, /The monitor amer-0 ended with exit code 3[\s\S]*told to die/);
    assert.deepEqual(leftBehind, []);
  });
});

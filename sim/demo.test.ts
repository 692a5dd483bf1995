import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';

let nextPort = 18_480;

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly leftBehind: readonly string[];
  readonly port: number;
}

/** Runs the demo with a stand-in for the monitor; `onOutput` may act on what it has printed so far. */
function runDemo(
  t: TestContext,
  { args = [], env = {}, onOutput }: { args?: string[]; env?: Record<string, string>; onOutput?: Watch },
): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'demo-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const script = join(import.meta.dirname, 'demo.ts');
  // Demos that start at the same moment would all find the same port free.
  const port = nextPort;
  nextPort += 20;
  const monitor = join(import.meta.dirname, 'testing', 'stand-in-monitor.ts');
  const child = spawn(process.execPath, [script, '--monitor', monitor, '--port', String(port), ...args], {
    env: { ...process.env, TMPDIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
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
  for (let attempt = 0; attempt < 40; attempt++) {
    try {
      await (await fetch(`http://127.0.0.1:${port}/publish/CrStates`)).arrayBuffer();
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return false;
}

suite('demo', { concurrency: true }, () => {
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
    const { code, output, leftBehind } = await runDemo(t, { env: { STAND_IN_MONITOR: 'dies' } });
    assert.equal(code, 1);
    assert.match(output, /ended with exit code 3[\s\S]*told to die/);
    assert.deepEqual(leftBehind, []);
  });
});

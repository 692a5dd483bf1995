import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What can be asked for while the demo runs. */
export interface Controls {
  /** One more group is killed; what came of it, for people. */
  kill(): string;
  /** All groups that were killed are started again. */
  bringBack(): string;
  end(): void;
}

export interface RunningControls {
  /** Where the same can be asked for without a keyboard. */
  readonly url: string;
  /** Whether keys are listened to. */
  readonly hasKeys: boolean;
  close(): void;
}

/** Listens to `k`, `b` and Ctrl-C where there is a keyboard, and to `/kill` and `/back` on a port of loopback. */
export async function listenToControls(controls: Controls): Promise<RunningControls> {
  const server = createServer((request, response) => {
    const answer =
      request.url === '/kill' ? controls.kill() : request.url === '/back' ? controls.bringBack() : null;
    response.writeHead(answer === null ? 404 : 200, { 'Content-Type': 'text/plain; charset=utf-8' });
    response.end(`${answer ?? 'ask for /kill or /back'}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const { stdin } = process;
  const onKey = (key: Buffer): void => {
    const pressed = key.toString();
    if (pressed === 'k') controls.kill();
    else if (pressed === 'b') controls.bringBack();
    // In raw mode Ctrl-C is a key like any other.
    else if (pressed === '\x03' || pressed === 'q') controls.end();
  };
  const hasKeys = stdin.isTTY === true;
  if (hasKeys) stdin.setRawMode(true).on('data', onKey).resume();
  return {
    url: `http://127.0.0.1:${port}`,
    hasKeys,
    close() {
      if (hasKeys) stdin.setRawMode(false).off('data', onKey).pause();
      server.close();
      server.closeAllConnections();
    },
  };
}

import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CompareOptions, parseCompareArguments, USAGE } from './compare/arguments.ts';
import { comparisonMetrics } from './compare/comparison-metrics.ts';
import { ComparisonReport, summaryOf } from './compare/comparison-report.ts';
import { ComparisonRun, type ExitStatus, type SampleOutcome } from './compare/comparison-run.ts';
import { statesFetcher } from './compare/fetch-states.ts';

/** Compares two Traffic Monitors until it is ended; docs/compare.md. */
async function compare(options: CompareOptions, ended: AbortSignal): Promise<ExitStatus> {
  const { ours, theirs, intervalMs, toleranceMs } = options;
  const run = new ComparisonRun(toleranceMs);
  const report = new ComparisonReport();
  const fetcher = statesFetcher(!options.insecure);
  let newest: SampleOutcome | null = null;
  const server =
    options.metricsPort === null ? null : await serveMetrics(options.metricsPort, run, () => newest);
  console.log(`comparing every ${intervalMs} ms\n  ours   ${ours}\n  theirs ${theirs}`);
  const startMs = steadyMs();
  while (!ended.aborted) {
    const sampleMs = steadyMs();
    const [our, their] = await Promise.all([fetcher.fetch(ours), fetcher.fetch(theirs)]);
    newest = run.take({ ours: our, theirs: their }, sampleMs);
    for (const line of report.linesOf(newest, sampleMs)) console.log(line);
    const pauseMs = Math.max(0, sampleMs + intervalMs - steadyMs());
    // The signal ends the pause; the loop sees it.
    await sleep(pauseMs, undefined, { signal: ended }).catch(() => {});
  }
  run.disagreements.finish();
  for (const line of summaryOf(run, toleranceMs, steadyMs() - startMs)) console.log(line);
  await fetcher.close();
  server?.close();
  server?.closeAllConnections();
  return run.exitStatus;
}

/** Wall-clock time that no correction of the clock disturbs. */
const steadyMs = (): number => performance.timeOrigin + performance.now();

async function serveMetrics(
  port: number,
  run: ComparisonRun,
  newest: () => SampleOutcome | null,
): Promise<Server> {
  const registry = comparisonMetrics(run, newest);
  const server = createServer(async (request, response) => {
    if (request.url?.split('?', 1)[0] !== '/metrics') {
      response.writeHead(404).end('metrics are at /metrics\n');
      return;
    }
    response.writeHead(200, { 'Content-Type': registry.contentType }).end(await registry.metrics());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, resolve);
  });
  const address = server.address();
  if (typeof address === 'object' && address !== null)
    console.log(`metrics at port ${address.port}, /metrics`);
  return server;
}

async function main(args: readonly string[]): Promise<ExitStatus> {
  if (args.includes('--help')) {
    console.log(USAGE);
    return 0;
  }
  try {
    const options = parseCompareArguments(args);
    const ended = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort());
    if (options.seconds !== null) setTimeout(() => ended.abort(), options.seconds * 1000).unref();
    return await compare(options, ended.signal);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));

import { monitorName } from '../common/ids.ts';
import { placeOf, type Stage } from './demo-stage.ts';
import { writeMonitorFiles } from './monitor-files.ts';
import { MonitorProcess } from './monitor-process.ts';
import { MonitorView } from './monitor-view.ts';
import { Narrator } from './narrator.ts';
import { SimulatedCdn } from './simulated-cdn.ts';
import { tellStory, untilReady } from './story.ts';

const readyWithinMs = 60_000;

/** One monitor that polls the whole CDN. Resolves with the exit code. */
export async function showOneMonitor(stage: Stage): Promise<number> {
  const { ending } = stage;
  const monitorPlace = placeOf(monitorName('tm-demo'), 'new-york', await stage.nextPort());
  const cdn = await SimulatedCdn.start(stage.cdnWith([monitorPlace]));
  try {
    const files = await writeMonitorFiles(stage.folder, cdn.trafficOps, monitorPlace);
    const monitor = new MonitorProcess(stage.main, files);
    process.once('exit', () => monitor.kill());
    let lost: string | null = null;
    monitor.ended.then((how) => {
      lost = how;
      ending.abort();
    });
    try {
      const url = `http://127.0.0.1:${monitorPlace.port}`;
      console.log(`${stage.describe(cdn)}\nTraffic Monitor starting at ${url}`);
      const view = new MonitorView(url);
      const startedAt = performance.now();
      lost = (await untilReady(view, readyWithinMs, ending.signal)) ?? lost;
      if (lost === null && !ending.signal.aborted) {
        const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
        console.log(`It knows all caches after ${seconds} s.\n\n${whatToLookAt(url)}`);
        const narrator = new Narrator((line) => console.log(line), performance.now());
        await tellStory(cdn, narrator, () => [{ name: 'monitor', view }], stage);
      }
      if (lost === null) return 0;
      console.error(`\nThe monitor ${lost}. Its last output:\n${monitor.lastOutput || '(it said nothing)'}`);
      return 1;
    } finally {
      await monitor.stop();
    }
  } finally {
    await cdn.close();
  }
}

const whatToLookAt = (url: string): string =>
  `Look at   ${url}/                    the page\n` +
  `          ${url}/publish/CrStates    what Traffic Router reads\n` +
  `          ${url}/publish/EventLog    what changed\n` +
  '          Ctrl-C ends everything.\n';

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '../../common/testing/manual-clock.ts';
import { WorkQueue } from '../reconcile/work-queue.ts';
import { OperatorMetrics } from './metrics.ts';

/** The lines that begin with one of the names. */
async function lines(metrics: OperatorMetrics, ...names: string[]): Promise<string[]> {
  const all = (await metrics.text()).split('\n');
  return all.filter((line) =>
    names.some((name) => line.startsWith(`${name}{`) || line.startsWith(`${name} `)),
  );
}

describe('the metrics of the operator', () => {
  test('tell of a queue what controllers usually tell', async () => {
    const metrics = new OperatorMetrics();
    const clock = new ManualClock();
    const queue = new WorkQueue({ clock, retryFirstMs: 1000, observer: metrics.queueObserver('groups') });
    metrics.showQueue('groups', queue);
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await clock.advance(500);
    await queue.take();
    await clock.advance(3000);
    await queue.take();
    await clock.advance(1000);
    queue.done('b');
    queue.retry('b');
    const of = '{name="groups",controller="groups"}';
    assert.deepEqual(
      await lines(
        metrics,
        'workqueue_depth',
        'workqueue_adds_total',
        'workqueue_retries_total',
        'workqueue_queue_duration_seconds_sum',
        'workqueue_work_duration_seconds_sum',
        'workqueue_unfinished_work_seconds',
        'workqueue_longest_running_processor_seconds',
      ),
      [
        `workqueue_adds_total${of} 3`,
        `workqueue_retries_total${of} 1`,
        `workqueue_queue_duration_seconds_sum${of} 4`,
        `workqueue_work_duration_seconds_sum${of} 1`,
        `workqueue_depth${of} 1`,
        `workqueue_unfinished_work_seconds${of} 4`,
        `workqueue_longest_running_processor_seconds${of} 4`,
      ],
    );
  });

  test('count reconciliations by result, and name a controller before its first', async () => {
    const metrics = new OperatorMetrics();
    const observer = metrics.controllerObserver('groups', 4);
    const names = [
      'controller_runtime_reconcile_errors_total',
      'controller_runtime_reconcile_panics_total',
      'controller_runtime_active_workers',
      'controller_runtime_max_concurrent_reconciles',
    ];
    const of = '{controller="groups"}';
    assert.deepEqual(await lines(metrics, ...names), [
      `${names[0]}${of} 0`,
      `${names[1]}${of} 0`,
      `${names[2]}${of} 0`,
      `${names[3]}${of} 4`,
    ]);
    observer.started();
    observer.failed('fault');
    observer.ended('error', 500);
    observer.started();
    observer.ended('success', 100);
    observer.started();
    assert.deepEqual(await lines(metrics, ...names.slice(0, 3), 'controller_runtime_reconcile_total'), [
      'controller_runtime_reconcile_total{controller="groups",result="error"} 1',
      'controller_runtime_reconcile_total{controller="groups",result="success"} 1',
      `${names[0]}${of} 1`,
      `${names[1]}${of} 1`,
      `${names[2]}${of} 1`,
    ]);
  });

  test('count calls to the API server, and look at leadership and watches when asked', async () => {
    const metrics = new OperatorMetrics();
    let isLeader = false;
    metrics.showLeader('operator', () => isLeader);
    metrics.showWatched(() => [{ kind: 'Lease', objects: 3, silentMs: 1500, listAgeMs: null }]);
    metrics.onExchange({ method: 'GET', host: 'kube:443', code: '200', durationMs: 20 });
    metrics.reflectors.failed?.('Lease', 'watch');
    assert.deepEqual(await lines(metrics, 'leader_election_master_status'), [
      'leader_election_master_status{name="operator"} 0',
    ]);
    isLeader = true;
    assert.deepEqual(
      await lines(
        metrics,
        'leader_election_master_status',
        'rest_client_requests_total',
        'tm_operator_watched_objects',
        'tm_operator_watch_silent_seconds',
        'tm_operator_list_age_seconds',
        'tm_operator_watch_failures_total',
      ),
      [
        'rest_client_requests_total{code="200",host="kube:443",method="GET"} 1',
        'leader_election_master_status{name="operator"} 1',
        'tm_operator_watch_failures_total{kind="Lease",during="watch"} 1',
        'tm_operator_watched_objects{kind="Lease"} 3',
        'tm_operator_watch_silent_seconds{kind="Lease"} 1.5',
      ],
    );
  });
});

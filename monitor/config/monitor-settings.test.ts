import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MONITOR_KEYS } from './monitor-keys.ts';
import { parseMonitorSettings } from './monitor-settings.ts';
import { SettingsError } from './settings-error.ts';

const FILE = '/etc/traffic_monitor.cfg';
const parse = (text: string) => parseMonitorSettings(text, FILE);
const from = (object: unknown) => parse(JSON.stringify(object));

const refusal = (text: string): string => {
  try {
    parse(text);
  } catch (error) {
    assert.ok(error instanceof SettingsError);
    return error.message;
  }
  return assert.fail(`not refused: ${text}`);
};

describe('traffic_monitor.cfg', () => {
  test('without a key has the defaults of the Go monitor', () => {
    assert.deepEqual(parse('{}'), {
      cachePollingProtocol: 'both',
      crConfigBackupFile: '/opt/traffic_monitor/crconfig.backup',
      tmConfigBackupFile: '/opt/traffic_monitor/tmconfig.backup',
      crConfigHistoryCount: 100,
      assignmentConfigMap: null,
      assignmentFile: null,
      distributedPolling: false,
      groupFailoverMs: 60_000,
      handoverTimeoutMs: 60_000,
      statPolling: true,
      healthFlushIntervalMs: 200,
      statFlushIntervalMs: 200,
      statBufferIntervalMs: 0,
      httpPollingFormat: 'text/json',
      httpTimeoutMs: 2000,
      logs: {
        access: { to: 'null' },
        debug: { to: 'null' },
        error: { to: 'stderr' },
        event: { to: 'stdout' },
        info: { to: 'null' },
        warning: { to: 'stdout' },
      },
      maxEvents: 200,
      monitorConfigPollingIntervalMs: 5000,
      peerOptimisticQuorumMin: 0,
      serveReadTimeoutMs: 10_000,
      serveWriteTimeoutMs: 10_000,
      serviceAccountDir: '/var/run/secrets/kubernetes.io/serviceaccount',
      shortHostnameOverride: '',
      snapshotSeedDir: null,
      snapshotShrinkHoldMs: 300_000,
      staticFileDir: null,
      trafficOpsDiskRetryMax: 2,
      trafficOpsMinRetryIntervalMs: 100,
      trafficOpsMaxRetryIntervalMs: 60_000,
      maxBodyBytes: 16_777_216,
      healthProtocol: 'optimistic',
      drainMs: 5000,
      metricsPerCache: false,
      statsdAddress: null,
      statsdIntervalMs: 10_000,
      unknownKeys: [],
    });
  });

  test('polls by its assignment where there is one, with statistics or without', () => {
    assert.equal(from({ assignment_file: '/etc/assignment.json' }).distributedPolling, true);
    assert.equal(from({ distributed_polling: true }).statPolling, true);
  });

  test('sets what it names, every key of it', () => {
    const settings = from({
      cache_polling_protocol: 'IPv6Only',
      crconfig_backup_file: '/a',
      tmconfig_backup_file: '/b',
      crconfig_history_count: 1,
      assignment_config_map: 'emea',
      assignment_file: '/etc/assignment.json',
      distributed_polling: true,
      group_failover_ms: 16,
      handover_timeout_ms: 17,
      stat_polling: false,
      health_flush_interval_ms: 2,
      stat_flush_interval_ms: 3,
      stat_buffer_interval_ms: 4,
      http_polling_format: 'text/csv',
      http_timeout_ms: 5,
      log_location_access: '/var/log/access.log',
      log_location_debug: 'stderr',
      log_location_error: 'stdout',
      log_location_event: 'null',
      log_location_info: 'stdout',
      log_location_warning: '',
      max_events: 6,
      monitor_config_polling_interval_ms: 7,
      peer_optimistic_quorum_min: -8,
      serve_read_timeout_ms: 9,
      serve_write_timeout_ms: 10,
      service_account_dir: '/account',
      short_hostname_override: 'tm-1',
      snapshot_seed_dir: '/seed',
      snapshot_shrink_hold_ms: 18,
      static_file_dir: '/page',
      traffic_ops_disk_retry_max: 11,
      traffic_ops_min_retry_interval_ms: 12,
      traffic_ops_max_retry_interval_ms: 13,
      max_body_bytes: 14,
      health_protocol: 'Pessimistic',
      drain_ms: 15,
      metrics_per_cache: true,
      statsd_address: 'statsd.test:16',
      statsd_interval_ms: 170,
    });
    assert.deepEqual(settings, {
      cachePollingProtocol: 'ipv6only',
      crConfigBackupFile: '/a',
      tmConfigBackupFile: '/b',
      crConfigHistoryCount: 1,
      assignmentConfigMap: 'emea',
      assignmentFile: '/etc/assignment.json',
      distributedPolling: true,
      groupFailoverMs: 16,
      handoverTimeoutMs: 17,
      statPolling: false,
      healthFlushIntervalMs: 2,
      statFlushIntervalMs: 3,
      statBufferIntervalMs: 4,
      httpPollingFormat: 'text/csv',
      httpTimeoutMs: 5,
      logs: {
        access: { to: 'file', path: '/var/log/access.log' },
        debug: { to: 'stderr' },
        error: { to: 'stdout' },
        event: { to: 'null' },
        info: { to: 'stdout' },
        warning: { to: 'null' },
      },
      maxEvents: 6,
      monitorConfigPollingIntervalMs: 7,
      peerOptimisticQuorumMin: -8,
      serveReadTimeoutMs: 9,
      serveWriteTimeoutMs: 10,
      serviceAccountDir: '/account',
      shortHostnameOverride: 'tm-1',
      snapshotSeedDir: '/seed',
      snapshotShrinkHoldMs: 18,
      staticFileDir: '/page',
      trafficOpsDiskRetryMax: 11,
      trafficOpsMinRetryIntervalMs: 12,
      trafficOpsMaxRetryIntervalMs: 13,
      maxBodyBytes: 14,
      healthProtocol: 'pessimistic',
      drainMs: 15,
      metricsPerCache: true,
      statsdAddress: { host: 'statsd.test', port: 16 },
      statsdIntervalMs: 170,
      unknownKeys: [],
    });
  });

  test('may spell its keys in any case; of repeated ones the last wins', () => {
    assert.equal(parse('{"max_events": 1, "Max_Events": 2}').maxEvents, 2);
    assert.equal(parse('{"max_events": 1, "MAX_EVENTS": 2, "max_events": 3}').maxEvents, 3);
  });

  test('may hold keys that mean nothing here, which are told', () => {
    assert.deepEqual(from({ Foo: 1, max_event: 2, __proto: [], drain_ms: 1 }).unknownKeys, [
      'Foo',
      'max_event',
      '__proto',
    ]);
  });

  test('cannot be changed once read', () => {
    const settings = parse('{}');
    const parts = [settings, settings.logs, settings.logs.access, settings.unknownKeys];
    assert.ok(parts.every((part) => Object.isFrozen(part)));
  });

  test('takes an empty static_file_dir for the page of this monitor', () => {
    assert.equal(from({ static_file_dir: '' }).staticFileDir, null);
  });
});

describe('null in traffic_monitor.cfg', () => {
  test('keeps the default of a *_ms key', () => {
    assert.equal(from({ http_timeout_ms: null }).httpTimeoutMs, 2000);
    assert.equal(parse('{"http_timeout_ms": 1, "HTTP_TIMEOUT_MS": null}').httpTimeoutMs, 2000);
  });
  test('keeps the value of another number or boolean', () => {
    const settings = from({ max_events: null, stat_polling: null });
    assert.deepEqual([settings.maxEvents, settings.statPolling], [200, true]);
    assert.equal(parse('{"max_events": 1, "MAX_EVENTS": null}').maxEvents, 1);
  });
  test('empties a string, so it switches a log off', () => {
    const settings = from({ crconfig_backup_file: null, log_location_error: null, static_file_dir: null });
    assert.deepEqual(
      [settings.crConfigBackupFile, settings.logs.error, settings.staticFileDir],
      ['', { to: 'null' }, null],
    );
  });
});

describe('traffic_monitor.cfg is refused', () => {
  const whole = 'must be a whole number, 1 or more and at most 2147483647';
  const cases: [why: string, key: string, value: unknown, says: string][] = [
    ['no event could be kept (D6)', 'max_events', 0, `"max_events" (line 1) is 0: ${whole}`],
    ['negative', 'max_events', -1, `"max_events" (line 1) is -1: ${whole}`],
    ['a fraction', 'max_events', 1.5, `"max_events" (line 1) is 1.5: ${whole}`],
    ['a string for a number', 'max_events', '5', `"max_events" (line 1) is "5": ${whole}`],
    ['beyond any array', 'max_events', 2 ** 31, `is 2147483648: ${whole}`],
    ['no snapshot could be kept (D6)', 'crconfig_history_count', 0, `is 0: ${whole}`],
    ['no pause between flushes (D6)', 'health_flush_interval_ms', 0, `is 0: ${whole}`],
    ['no pause between polls (D6)', 'monitor_config_polling_interval_ms', 0, `is 0: ${whole}`],
    ['no time for a peer', 'http_timeout_ms', 0, `is 0: ${whole}`],
    ['no byte for a body', 'max_body_bytes', 0, `is 0: ${whole}`],
    ['longer than a timer', 'drain_ms', 2 ** 31, 'must be a whole number, 0 or more and at most 2147483647'],
    ['a fraction of a quorum', 'peer_optimistic_quorum_min', 0.5, 'must be a whole number, -2147483648 to'],
    ['a number for a boolean', 'stat_polling', 1, '"stat_polling" (line 1) is 1: must be true or false'],
    ['a number for a string', 'crconfig_backup_file', 1, 'is 1: must be a string in double quotes'],
    [
      'an object for a log',
      'log_location_info',
      {},
      'is {}: must be "stdout", "stderr", "null" (or empty: off)',
    ],
    [
      'an unknown protocol',
      'cache_polling_protocol',
      'ipv5',
      'parsed invalid PollingProtocol: ipv5; must be "ip',
    ],
    [
      'a protocol of two lines',
      'cache_polling_protocol',
      'a\nb',
      'parsed invalid PollingProtocol: a\\nb; must',
    ],
    ['null for a protocol', 'cache_polling_protocol', null, 'parsed invalid PollingProtocol: null'],
  ];
  for (const [why, key, value, says] of cases) {
    test(`${key} ${JSON.stringify(value)}: ${why}`, () => {
      const message = refusal(JSON.stringify({ [key]: value }));
      assert.ok(message.startsWith(`${FILE}: "${key}" (line 1)`), message);
      assert.ok(message.includes(says), message);
    });
  }

  test('with every fault named at once, each with its line', () => {
    assert.equal(
      refusal('{\n "max_events": 0,\n "Drain_ms": "soon"\n}'),
      `${FILE}: "max_events" (line 2) is 0: ${whole}; ` +
        '"Drain_ms" (line 3) is "soon": must be a whole number, 0 or more and at most 2147483647; ' +
        'correct the file, then start or reload again',
    );
  });

  test('if it is not JSON, with line and column', () => {
    assert.ok(
      refusal('{\n "max_events": 5,\n}').startsWith(
        `${FILE}: line 3, column 1: not valid JSON: expected a key in double quotes, found "}"`,
      ),
    );
  });
});

describe('whatever traffic_monitor.cfg holds', () => {
  const settle = (text: string): void => {
    try {
      parse(text);
    } catch (error) {
      assert.ok(error instanceof SettingsError, String(error));
      assert.ok(!error.message.includes('\n'), 'a message is one line');
    }
  };
  test('text gives settings or a SettingsError', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), settle));
  });
  test('any value of any key gives settings or a SettingsError', () => {
    const key = fc.constantFrom(...Object.keys(MONITOR_KEYS), '__proto__', 'constructor');
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.jsonValue())), (members) => {
        settle(`{${members.map(([name, value]) => `"${name}":${JSON.stringify(value)}`).join(',')}}`);
      }),
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cacheName, cdnName, deliveryServiceId, monitorName } from '../../common/ids.ts';
import type { CacheReport } from './cache-report.ts';
import { readReportDocument, reportDocument } from './report-document.ts';
import { ReportError, readReportLine, reportLine } from './report-lines.ts';
import { quantized } from './sums.ts';

const limb = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const rate = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 2 ** 40, noNaN: true })).map(quantized);

const reports = fc
  .tuple(
    fc.string({ minLength: 1 }),
    fc.boolean(),
    fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 4 }),
  )
  .chain(([cache, isReporting, ids]) =>
    fc.record<CacheReport>({
      cache: fc.constant(cacheName(cache)),
      from: fc.constant(monitorName('tm-1')),
      polledMs: fc.nat(),
      isReporting: fc.constant(isReporting),
      outBytesPerSecond: rate,
      capacityKbps: fc.nat(),
      deliveryServices: fc.constant(ids.map(deliveryServiceId)),
      counts: fc
        .array(limb, { minLength: ids.length * 12, maxLength: ids.length * 12 })
        .map((limbs) => Uint32Array.from(limbs)),
      rates: fc
        .array(rate, { minLength: ids.length * 5, maxLength: ids.length * 5 })
        .map((rates) => Float64Array.from(rates)),
    }),
  );

const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 + a * 1e-15;

describe('a report of a cache', () => {
  it('says the same to whoever reads it: counters to the digit, rates to a millionth', () => {
    fc.assert(
      fc.property(reports, fc.integer({ min: -5000, max: 5000 }), (report, lagMs) => {
        const read = readReportLine(reportLine(report), lagMs);
        const names = new Map(report.deliveryServices.map((id, index) => [id, index]));
        assert.equal(read.deliveryServices.length, names.size);
        assert.deepEqual(
          [read.cache, read.from, read.polledMs, read.isReporting, read.capacityKbps],
          [report.cache, report.from, report.polledMs + lagMs, report.isReporting, report.capacityKbps],
        );
        assert.ok(close(read.outBytesPerSecond, report.outBytesPerSecond));
        read.deliveryServices.forEach((id, index) => {
          // Names that are integers come in another order.
          const before = names.get(id) ?? -1;
          const counts = (all: Uint32Array, at: number) => [...all.subarray(at * 12, at * 12 + 12)];
          assert.deepEqual(counts(read.counts, index), counts(report.counts, before));
          for (let one = 0; one < 5; one++) {
            assert.ok(close(read.rates[index * 5 + one] ?? -1, report.rates[before * 5 + one] ?? -1));
          }
        });
      }),
    );
  });

  it('is read out of a document that is JSON, a line each', () => {
    fc.assert(
      fc.property(fc.array(reports, { maxLength: 5 }), (all) => {
        const head = { cdn: cdnName('cdn-1'), monitor: monitorName('tm-1'), nowMs: 1234 };
        const text = reportDocument(head, all);
        const document = readReportDocument(text);
        assert.deepEqual(document.head, head);
        assert.deepEqual(document.lines, all.map(reportLine));
        assert.equal(JSON.parse(text).caches.length, all.length);
      }),
      { numRuns: 50 },
    );
  });

  const services = (figures: unknown) => JSON.stringify(['e', 'tm', 1, true, 0, 0, { web: figures }]);
  const eleven = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const refused: readonly [what: string, line: string, reason: RegExp][] = [
    ['no JSON', '["e",', /JSON/],
    ['no array', '{"cache":"e"}', /must be an array/],
    ['no name', '[5,"tm",1,true,0,0,{}]', /name of a cache/],
    ['no monitor', '["e",null,1,true,0,0,{}]', /report of cache "e": the name of its monitor/],
    ['no time', '["e","tm","1",true,0,0,{}]', /time/],
    ['no flag', '["e","tm",1,1,0,0,{}]', /reports/],
    ['a rate below 0', '["e","tm",1,true,-1,0,{}]', /rate/],
    ['an infinite capacity', '["e","tm",1,true,0,1e999,{}]', /capacity/],
    ['no delivery services', '["e","tm",1,true,0,0,null]', /delivery services/],
    ['too few figures', services([1, 2]), /must have 11 figures/],
    ['a counter with a fraction', services([0.5, ...eleven.slice(1)]), /counter/],
    ['a counter beyond 64 bits', services(['18446744073709551616', ...eleven.slice(1)]), /counter/],
    ['a rate in words', services([...eleven.slice(1), 'much']), /rate/],
  ];
  for (const [what, line, reason] of refused) {
    it(`is refused: ${what}`, () => {
      assert.throws(
        () => readReportLine(line, 0),
        (error) => error instanceof ReportError && reason.test(error.message),
      );
    });
  }

  const documents: readonly [what: string, text: string, reason: RegExp][] = [
    ['nothing', '', /a line of its own/],
    ['a page', '<html>\n</html>', /a line of its own/],
    ['half of it', '{"version":1,"cdn":"c","monitor":"m","nowMs":1,"caches":[\n["e"', /a line of its own/],
    ['another version', '{"version":2,"caches":[\n]}', /version 2, this monitor reads version 1/],
    ['no names', '{"version":1,"caches":[\n]}', /must name their CDN/],
  ];
  for (const [what, text, reason] of documents) {
    it(`comes in a document; this is none: ${what}`, () => {
      assert.throws(
        () => readReportDocument(text),
        (error) => error instanceof ReportError && reason.test(error.message),
      );
    });
  }
});

import type { OpsSettings } from '../config/settings.ts';

/** `/publish/ConfigDoc`: reference 9.14. The password is never told. */
export function configDoc(ops: OpsSettings, cdn: string, usingDummyTO: boolean): string {
  return JSON.stringify({
    cdnName: cdn,
    certFile: ops.certFile,
    httpListener: ops.httpListener,
    httpsListener: ops.httpsListener,
    insecure: ops.insecure,
    keyFile: ops.keyFile,
    password: ops.password === '' ? '' : '*****',
    url: ops.url,
    username: ops.username,
    usingDummyTO,
  });
}

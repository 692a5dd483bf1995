import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { foundSettings } from './settings.ts';

describe('the settings for a cluster that was found', () => {
  const KUBECONFIG = '/home/somebody/.kube/config';

  test('are a kubeconfig and an image', () => {
    assert.deepEqual(foundSettings({ KUBECONFIG, E2E_IMAGE: 'registry/tm:1' }), {
      kubeconfig: KUBECONFIG,
      image: 'registry/tm:1',
      pullConfig: null,
      nextImage: null,
      hostAddress: null,
    });
  });

  test('may name logins, another image and the address of this machine', () => {
    const more = {
      E2E_PULL_CONFIG: 'config.json',
      E2E_NEXT_IMAGE: 'registry/tm:2',
      E2E_HOST_ADDRESS: '192.0.2.1',
    };
    const settings = foundSettings({ KUBECONFIG, E2E_IMAGE: 'registry/tm:1', ...more });
    const { pullConfig, nextImage, hostAddress } = settings;
    assert.deepEqual([pullConfig, nextImage, hostAddress], ['config.json', 'registry/tm:2', '192.0.2.1']);
  });

  test('without an image say how to build and push one, and how to do without', () => {
    assert.throws(() => foundSettings({ KUBECONFIG }), /E2E_IMAGE.*docker build.*push.*Without KUBECONFIG/s);
  });
});

import Type from 'typebox';
import { fields, flag, text } from './schema-kinds.ts';

const objectName = (kind: string) =>
  text({
    description: `Name of the ${kind}.`,
    maxLength: 253,
    form: {
      pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
      message: `must be the name of a ${kind}: lower-case letters, digits, - and .`,
    },
  });

export const trafficOpsSchema = fields(
  {
    url: Type.Optional(
      text({
        description: 'URL of Traffic Ops. The default is what the operator uses itself.',
        maxLength: 1024,
        form: {
          pattern: '^https?://[^\\s/?#@]+(/[^\\s?#]*)?$',
          message: 'must be an http or https URL without user, query or fragment',
        },
      }),
    ),
    secretRef: Type.Optional(
      fields(
        { name: objectName('Secret') },
        {
          description:
            'Secret in the namespace of the group with the keys username and password. Needed with url: credentials of the operator are not sent elsewhere.',
        },
      ),
    ),
    caConfigMapRef: Type.Optional(
      fields(
        {
          name: objectName('ConfigMap'),
          key: text({
            description: 'Key of the ConfigMap with the certificates in PEM.',
            maxLength: 253,
            form: { pattern: '^[-._a-zA-Z0-9]+$', message: 'must be a key of a ConfigMap' },
            default: 'ca.crt',
          }),
        },
        {
          description:
            'ConfigMap in the namespace of the group with the certificate authorities to trust for Traffic Ops, instead of the usual ones.',
        },
      ),
    ),
    insecure: flag({ description: 'Whether to accept any certificate of Traffic Ops.', default: false }),
  },
  {
    description: 'Where this group gets its configuration. Left out, it uses what the operator uses itself.',
    rules: [
      {
        rule: '!has(self.url) || has(self.secretRef)',
        message: 'url needs secretRef: the credentials of the operator are not sent to another Traffic Ops',
      },
      {
        rule: '!(self.insecure && has(self.caConfigMapRef))',
        message: 'insecure and caConfigMapRef exclude each other: with insecure no certificate is checked',
      },
      {
        rule: "!has(self.url) || self.url.startsWith('https:') || !(self.insecure || has(self.caConfigMapRef))",
        message: 'insecure and caConfigMapRef need an https url: with http there is no certificate',
      },
    ],
  },
);

import { createHash } from 'node:crypto';
import type { ResourceDefinition } from '../engine/definition.ts';
import { sameHost } from '../engine/equal.ts';
import { record } from '../engine/record.ts';
import { conflicting } from '../engine/validate.ts';
import { text, texts, type Value, type Values } from '../schema/value.ts';
import { constant, same, uuid } from './make.ts';
import { attributeOf } from './network.ts';

/** Name servers of a zone. Nothing answers there: the front door stands for DNS. */
export const NAME_SERVERS = [
  'ns-1.awsdns-00.com',
  'ns-2.awsdns-00.net',
  'ns-3.awsdns-00.org',
  'ns-4.awsdns-00.co.uk',
] as const;

/** Certificates, and the zones and records that prove them. A local certificate is issued at once. */
export const dns: Readonly<Record<string, ResourceDefinition>> = {
  aws_acm_certificate: record('aws_acm_certificate', {
    forceNew: [
      'domain_name',
      'key_algorithm',
      'subject_alternative_names',
      'validation_method',
      'validation_option',
      'certificate_authority_arn',
    ],
    computedBlocks: ['options'],
    oneOf: { validation_method: ['DNS', 'EMAIL', 'NONE'] },
    computed: {
      arn: (values, context) => context.arn('acm', `certificate/${String(uuid(values, context))}`),
      id: same('arn'),
      status: (values) => (text(values, 'certificate_body') ? 'ISSUED' : 'PENDING_VALIDATION'),
      type: (values) => (text(values, 'certificate_body') ? 'IMPORTED' : 'AMAZON_ISSUED'),
      key_algorithm: constant('RSA_2048'),
      subject_alternative_names: (values) => [String(values['domain_name'])],
      domain_validation_options: validationRecords,
      pending_renewal: constant(false),
      renewal_eligibility: constant('INELIGIBLE'),
    },
    equivalent: {
      // The service adds the domain name itself to the alternative names.
      subject_alternative_names: (left, right) =>
        String([...namesOf(left)].sort()) === String([...namesOf(right)].sort()),
    },
  }),
  aws_acm_certificate_validation: record('aws_acm_certificate_validation', {
    adopts: true,
    forceNew: ['certificate_arn', 'validation_record_fqdns'],
    computed: { id: (_values, context) => new Date(context.cloud.now()).toISOString() },
  }),
  aws_route53_zone: record('aws_route53_zone', {
    defaults: { comment: 'Managed by Terraform', force_destroy: false },
    forceNew: ['delegation_set_id', 'name'],
    equivalent: { name: sameHost },
    computed: {
      id: (values, context) => `Z${String(uuid(values, context)).replaceAll('-', '').slice(0, 20).toUpperCase()}`,
      zone_id: same('id'),
      arn: (values) => `arn:aws:route53:::hostedzone/${String(values['id'])}`,
      name_servers: () => [...NAME_SERVERS],
      primary_name_server: constant(NAME_SERVERS[0]),
    },
  }),
  aws_route53_record: record('aws_route53_record', {
    adopts: (values) => values['allow_overwrite'] === true,
    forceNew: ['name', 'zone_id'],
    equivalent: { name: sameHost, 'alias.name': sameHost },
    oneOf: {
      type: [
        'A',
        'AAAA',
        'CAA',
        'CNAME',
        'DS',
        'HTTPS',
        'MX',
        'NAPTR',
        'NS',
        'PTR',
        'SOA',
        'SPF',
        'SRV',
        'SSHFP',
        'SVCB',
        'TLSA',
        'TXT',
      ],
    },
    validate: (config) => conflicting(config, ['alias', 'records']),
    computed: {
      fqdn: fullName,
      id: (values) =>
        [values['zone_id'], values['name'], values['type'], text(values, 'set_identifier')].filter(Boolean).join('_'),
    },
  }),
  aws_route53_health_check: record('aws_route53_health_check', {
    defaults: { disabled: false },
    forceNew: ['type', 'request_interval', 'measure_latency', 'reference_name'],
    computed: {
      id: uuid,
      arn: (values) => `arn:aws:route53:::healthcheck/${String(values['id'])}`,
      enable_sni: constant(true),
    },
  }),
  aws_lb_listener_certificate: record('aws_lb_listener_certificate', {
    adopts: true,
    forceNew: ['certificate_arn', 'listener_arn'],
    computed: { id: (values) => `${String(values['listener_arn'])}_${String(values['certificate_arn'])}` },
  }),
};

const namesOf = (value: Value): string[] => (Array.isArray(value) ? value.map(String) : []);

function validationRecords(values: Values): Value {
  if (text(values, 'certificate_body')) return [];
  const domains = new Set([String(values['domain_name']), ...texts(values, 'subject_alternative_names')]);
  return [...domains].map((domain) => {
    // A wildcard is proven by the same record as the name below it.
    const host = domain.replace(/^\*\./, '');
    const digest = createHash('md5').update(host).digest('hex');
    return {
      domain_name: domain,
      resource_record_name: `_${digest}.${host}.`,
      resource_record_type: 'CNAME',
      resource_record_value: `_${digest}.acm-validations.aws.`,
    };
  });
}

/** A record's name is relative to its zone unless it ends with the zone's name. */
function fullName(values: Values, context: Parameters<typeof attributeOf>[0]): Value {
  const name = String(values['name']).replace(/\.$/, '');
  const zone = attributeOf(context, 'aws_route53_zone', values['zone_id'], 'name');
  if (typeof zone !== 'string' || name === zone || name.endsWith(`.${zone}`)) return name;
  return name ? `${name}.${zone}` : zone;
}

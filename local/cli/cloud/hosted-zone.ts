import type { Cloud } from '../../cloud.ts';
import type { ResourceRecord } from '../../terraform/engine/definition.ts';

/** On AWS a person registers the domain and its hosted zone before anything is provisioned; here the local cloud starts with both. */
export function addHostedZone(cloud: Cloud, domain: string): void {
  const zones = cloud.store.collection<ResourceRecord>('terraform/aws_route53_zone');
  const id = 'ZLOCAL0000000000000';
  if (zones.get(id)) return;
  zones.set(id, {
    id,
    attributes: {
      id,
      zone_id: id,
      name: domain,
      arn: `arn:aws:route53:::hostedzone/${id}`,
      comment: 'Registered with the domain',
      name_servers: ['ns-1.awsdns-00.com', 'ns-2.awsdns-00.net'],
      private_zone: false,
      tags: {},
    },
  });
}

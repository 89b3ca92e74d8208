import { Construct, Fn, Route53Record, Route53Zone } from '../cdktf.ts';

interface ZoneProperties {
  readonly domain: string;
}

/**
 * The hosted zone of the domain. Nothing answers for the domain before its registrar names the zone's name servers, so certificates wait for that. Only Amazon may issue
 * certificates for it: https://docs.aws.amazon.com/acm/latest/userguide/setup-caa.html
 */
export class Zone extends Construct {
  /** Four, with commas. */
  readonly nameServers: string;

  constructor(scope: Construct, id: string, { domain }: ZoneProperties) {
    super(scope, id);
    const zone = new Route53Zone(this, 'zone', {
      name: domain,
      comment: 'Every name of the application',
      forceDestroy: false,
      // A new zone has other name servers, which the registrar does not know.
      lifecycle: { preventDestroy: true },
    });
    new Route53Record(this, 'issuers', {
      zoneId: zone.zoneId,
      name: domain,
      type: 'CAA',
      ttl: 3600,
      records: ['0 issue "amazon.com"', '0 issuewild "amazon.com"'],
    });
    this.nameServers = Fn.join(',', zone.nameServers);
  }
}

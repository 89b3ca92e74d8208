import { ApiGatewayBasePathMapping, ApiGatewayDomainName, Construct, Route53Record } from '../cdktf.ts';
import { Certificate } from './certificate.ts';

interface ApiAddressProperties {
  readonly host: string;
  readonly zoneId: string;
  readonly apiId: string;
  readonly stageName: string;
}

/** The API's own name, certificate and DNS record; AWS's default address is switched off. */
export class ApiAddress extends Construct {
  constructor(scope: Construct, id: string, { host, zoneId, apiId, stageName }: ApiAddressProperties) {
    super(scope, id);
    const certificate = new Certificate(this, 'certificate', { names: [host], zoneId });
    const domain = new ApiGatewayDomainName(this, 'domain', {
      domainName: host,
      regionalCertificateArn: certificate.arn,
      // Policies with TLS 1.3 need an argument that provider 6.25 does not know yet.
      securityPolicy: 'TLS_1_2',
      endpointConfiguration: { types: ['REGIONAL'] },
    });
    new ApiGatewayBasePathMapping(this, 'mapping', { apiId, stageName, domainName: domain.domainName });
    new Route53Record(this, 'record', {
      zoneId,
      name: host,
      type: 'A',
      alias: { name: domain.regionalDomainName, zoneId: domain.regionalZoneId, evaluateTargetHealth: false },
    });
  }
}

import { AcmCertificate, AcmCertificateValidation, Construct, Route53Record } from '../cdktf.ts';

interface CertificateProperties {
  /** First name, then alternatives. */
  readonly names: readonly [string, ...string[]];
  readonly zoneId: string;
}

/** A certificate that proves itself by DNS records and renews by itself. */
export class Certificate extends Construct {
  /** Known once the certificate is issued. */
  readonly arn: string;

  constructor(scope: Construct, id: string, { names: [domainName, ...alternatives], zoneId }: CertificateProperties) {
    super(scope, id);
    const certificate = new AcmCertificate(this, 'certificate', {
      domainName,
      ...(alternatives.length === 0 ? {} : { subjectAlternativeNames: alternatives }),
      validationMethod: 'DNS',
      lifecycle: { createBeforeDestroy: true },
    });
    const records = [domainName, ...alternatives].map((_, index) => {
      const option = certificate.domainValidationOptions.get(index);
      return new Route53Record(this, `proof-${index}`, {
        zoneId,
        name: option.resourceRecordName,
        type: option.resourceRecordType,
        records: [option.resourceRecordValue],
        ttl: 300,
        allowOverwrite: true,
      });
    });
    this.arn = new AcmCertificateValidation(this, 'validation', {
      certificateArn: certificate.arn,
      validationRecordFqdns: records.map((record) => record.fqdn),
    }).certificateArn;
  }
}
